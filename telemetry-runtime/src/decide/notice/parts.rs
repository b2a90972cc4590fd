//! What a user is told, by its parts, as the records say.

pub(crate) use telemetry_schema::digest::Told as Parts;
use telemetry_schema::{
    digest::{self, Part, What},
    order,
};

use super::Wanted;
use crate::declare::{sdk::SdkInfo, sdk::meta::EventMeta};

/// Events by their digests, each of which is there once.
pub(super) fn distinct(mut events: Vec<Wanted>) -> Vec<Wanted> {
    order::sort_by_key(&mut events, |event| event.digest());
    events.dedup_by_key(|event| event.digest());
    events
}

/// The parts of an event; those of one with a damaged record, which is never recorded, are unknown to everybody.
pub(super) fn of_event(meta: &EventMeta) -> Parts {
    let digest = meta.digest();
    let damaged = || Parts { digest, parts: vec![Part { digest, what: What::Event }] };
    meta.described().map_or_else(damaged, |event| digest::event_parts(&event))
}

/// The parts of an SDK.
pub(super) fn of_sdk(info: &SdkInfo) -> Parts {
    let unknown = Parts { digest: info.digest, parts: Vec::new() };
    info.described().map_or(unknown, |sdk| digest::sdk_parts(&sdk))
}
