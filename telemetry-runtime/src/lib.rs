//! Usage telemetry that people can trust: typed events, one gate, a spool, and an exit that never waits.
//!
//! An SDK declares itself once and annotates what it wants to know of:
//!
//! ```
//! use telemetry_runtime::{Sdk, TelemetryValue, record, sdk, telemetry_event, track_call, track_mount};
//!
//! /// Usage of the Acme components in development projects.
//! pub static TELEMETRY: Sdk = sdk! {
//!     name: "acme-ui",
//!     role: Library,
//!     default: On,
//!     env: "ACME",
//!     endpoint: "https://telemetry.acme.example",
//!     wire: EventBatch { strict: false },
//!     docs: "https://acme.example/telemetry",
//!     operator: "Acme Inc.",
//!     contact: "privacy@acme.example",
//!     region: "EU",
//!     retention: "90 days",
//!     shared_with: "nobody",
//!     event_case: "SCREAMING_SNAKE_CASE",
//! };
//!
//! /// Which dialog.
//! #[derive(TelemetryValue)]
//! pub enum Dialog {
//!     Settings,
//!     Profile,
//! }
//!
//! /// A dialog was opened.
//! #[telemetry_event(rename_all = "camelCase")]
//! pub struct DialogOpened {
//!     /// Which one.
//!     dialog: Dialog,
//!     /// How many entries it lists.
//!     #[telemetry(range = 0..=255)]
//!     entry_count: u16,
//! }
//!
//! /// Renders the sign-in form.
//! #[track_mount(component = "SignIn", props(appearance))]
//! pub fn sign_in(appearance: Option<&str>) {}
//!
//! /// Reads the session of a request.
//! #[track_call]
//! pub fn get_auth() {}
//!
//! fn main() -> Result<(), telemetry_runtime::RegistryError> {
//!     sign_in(Some("dark"));
//!     get_auth();
//!     record!(DialogOpened { dialog: Dialog::Settings, entry_count: 3 });
//!     for event in telemetry_runtime::registry()?.events() {
//!         println!("{}: {}", event.key(), event.doc);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Nobody must call anything else. The first accepted event starts one worker thread; `main` returns without waiting for
//! it. What the user decided, where the program runs and how it was built is asked by one gate before anything is
//! recorded ([`Sdk::status`] shows every layer). The cargo feature `no-telemetry`, set by any crate of the graph, compiles
//! all of it out.
//!
//! # Limits
//!
//! This is no defence against an author who lies or opens a socket of their own: lists, locks and proofs speak of what is
//! made with this framework. A listed event is one that the program *can* record, not one that it does record.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Compiled out, the plain data types keep constructors that nothing calls.
#![cfg_attr(compiled_out, allow(dead_code))]

mod consent;
mod flush;
mod gate_layer;
mod instance_key;
mod ledger;
mod notice_text;
mod options;
mod passed;
mod registry_types;
#[cfg(feature = "testing")]
mod server;
mod status;
pub mod transport;
mod version;
mod wrapper;

#[cfg(not(compiled_out))]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(not(compiled_out))]
mod activity;
#[cfg(not(compiled_out))]
mod control;
#[cfg(not(compiled_out))]
mod debug;
#[cfg(not(compiled_out))]
mod ended;
#[cfg(not(compiled_out))]
mod exit;
/// What the fuzz targets of `fuzz/` call; not part of the API.
#[cfg(all(fuzzing, not(compiled_out)))]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::pipeline::storage::fuzz::{plan, segment, small_file};
}
#[cfg(not(compiled_out))]
mod gate;
#[cfg(not(compiled_out))]
mod guarded;
#[cfg(not(compiled_out))]
mod meta;
#[cfg(not(compiled_out))]
mod notice;
#[cfg(not(compiled_out))]
mod per_sdk;
#[cfg(not(compiled_out))]
mod pipeline;
#[cfg(not(compiled_out))]
mod process;
#[cfg(not(compiled_out))]
mod registry;
#[cfg(not(compiled_out))]
mod reinit;
#[cfg(not(compiled_out))]
mod sdk;
#[cfg(not(compiled_out))]
mod sdk_host;
#[cfg(not(compiled_out))]
mod section;
#[cfg(not(compiled_out))]
mod settings;
#[cfg(not(compiled_out))]
mod sink;
#[cfg(not(compiled_out))]
mod stderr;
#[cfg(all(not(compiled_out), feature = "testing"))]
pub mod testing;
#[cfg(not(compiled_out))]
mod used;
#[cfg(not(compiled_out))]
mod value;
#[cfg(not(compiled_out))]
mod veto;

#[cfg(compiled_out)]
mod off;

pub use consent::{Consent, ConsentError};
pub use flush::{FlushError, Flushed};
pub use gate_layer::{Layer, Verdict};
pub use instance_key::{InvalidKey, PublishableKey};
pub use ledger::LedgerCounts;
pub use notice_text::Notice;
pub use options::Options;
pub use registry_types::{Registry, RegistryError};
pub use status::{LedgerTotal, Status};
pub use telemetry_macros::{TelemetryValue, sdk, telemetry_event, track_call, track_mount};
pub use telemetry_schema as schema;
pub use transport::Transport;
pub use wrapper::Wrapper;

#[cfg(not(compiled_out))]
pub use control::{flush, shutdown, status};
#[cfg(not(compiled_out))]
pub use exit::{ExitGuard, exit_guard};
#[cfg(not(compiled_out))]
pub use pipeline::event::{Event, record_with, register};
#[cfg(not(compiled_out))]
pub use registry::{manifest, registry};
#[cfg(not(compiled_out))]
pub use reinit::reinit_after_fork;
#[cfg(not(compiled_out))]
pub use sdk::Sdk;
#[cfg(not(compiled_out))]
pub use value::{
    Count, DurationBucket, List, OneOf, Os, OsVersion, Packages, Passed, Pseudonym, TelemetryValue, Version, VersionTag,
};
#[cfg(not(compiled_out))]
pub use veto::{allow_release, recheck, veto_all};

#[cfg(all(compiled_out, feature = "testing"))]
pub use off::testing;
#[cfg(compiled_out)]
pub use off::{
    Count, DurationBucket, Event, ExitGuard, List, OneOf, Os, OsVersion, Packages, Passed, Pseudonym, Sdk,
    TelemetryValue, Version, VersionTag, allow_release, exit_guard, flush, manifest, recheck, record_with, register,
    registry, reinit_after_fork, shutdown, status, veto_all,
};

#[doc(hidden)]
#[cfg(compiled_out)]
pub use off::private as __private;

#[doc = include_str!("../docs/record.md")]
#[macro_export]
macro_rules! record {
    ($($event:tt)*) => {
        $crate::__private::choose! {
            { $crate::record_with(|| $($event)*) }
            { if false { let _ = $($event)*; } }
        }
    };
}
