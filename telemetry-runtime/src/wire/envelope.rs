//! One event in its envelope.

use crate::{
    base::{clock, environment::is_ephemeral},
    declare::{configuration::Configuration, sdk::meta::EventMeta},
    wire::{beside::EventEnvelope, format::Envelope},
};

/// What stands around the payload of an event of this type in this hour since 1970; `installation` is the id of the installation.
pub(crate) fn of(
    configuration: &Configuration,
    meta: &EventMeta,
    event: &str,
    hour: u32,
    installation: Option<&str>,
) -> Envelope {
    let sdk = meta.sdk;
    Envelope::new(
        sdk.info.wire,
        &EventEnvelope {
            event,
            declared: sdk.info.name,
            cv: sdk.info.version,
            sdk: configuration.wrapper.map_or(sdk.info.name, |wrapper| wrapper.name),
            sdkv: configuration.wrapper.map_or(sdk.info.version, |wrapper| wrapper.version),
            pk: configuration.instance.as_ref().map(|key| key.as_str()),
            ts_hour: u64::from(hour),
            rate: Some(meta.rate(configuration)),
            actor: configuration.actor.as_str(),
            ephemeral: is_ephemeral(),
            installation,
        },
    )
}

/// One event as it would be sent, for debug mode.
pub(crate) fn preview(configuration: &Configuration, meta: &EventMeta, event: &str, payload: &str) -> String {
    // It reads no file, so it shows a word where an id would stand.
    let installation = meta.sdk.info.identity.map(|_| "(id)");
    of(configuration, meta, event, clock::now_hours(), installation).around(payload)
}
