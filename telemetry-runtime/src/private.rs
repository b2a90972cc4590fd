//! What generated code uses. Not part of the API: it changes with every version, and macros and runtime are pinned to
//! each other.

/// Where the names of the language are found whatever the author's crate calls so.
pub use ::core;
pub use ::core::option::Option::Some;
pub use telemetry_schema::{
    Active, DefaultConsent, Environment, EventCase, Exit, Identity, Instance, Kind, Notice, Role, Throttle, Wire,
    WriteOn,
    digest::{Digests, combine, event_key, going_to, object, optional, sum, variants, within},
    node::{EventText, Facts, Node, Parts, all_texts, concat, doc, doc_len, most_texts, opening, text, total},
};
pub use telemetry_veto::choose;

pub use crate::{
    __declared_statics as declared_statics, __event_statics as event_statics, __record_static as record_static,
    base::needs::Needs,
    declare::{
        command::{CommandOutcome, ReportsSuccess, SuccessOnly, TrackedArgs, TrackedCommands, held, holding},
        no_sdk::{NO_SDK, NoSdk, NotAnSdk},
        presence::{Presence, handed, nothing},
        sdk::meta::{
            EventMeta, Handle,
            declared::{Declared, EventName},
            fits,
            linked::{EventRegistration, SdkRegistration, register_event},
            may_count,
        },
        sdk::{Sdk, SdkInfo, SdkState},
        sink::{Sink, TextPermit},
        transport::custom,
        value::{
            DurationBucket, FreeText, IsPresent, Listed, MayBeSent, Prefixed, Ranged, Sent, TelemetryValue, Unbounded,
            Variants,
        },
    },
    pipeline::{
        call::{admits, submit},
        command::TrackCommand,
        event::{Event, is_off, mounted},
    },
    wire::compress::gzip,
};
pub use inventory;
pub use telemetry_macros::{DeriveEvent, record_event, track_call, track_mount};
