//! One event in its envelope.

use std::{env, path::Path, sync::OnceLock};

use crate::{
    base::{clock, process::PerProcess, uuid::uuid7_hour},
    declare::{configuration::Configuration, meta::EventMeta},
    wire::format::{self, EventEnvelope},
};

/// One event in its envelope, as it is sent.
pub(crate) fn of(configuration: &Configuration, meta: &EventMeta, event: &str, payload: &str) -> Vec<u8> {
    let sdk = meta.sdk;
    let hour = u64::from(clock::now_hours());
    // Without random numbers there is no id, and an event without one cannot be told from its repeat.
    let id = uuid7_hour(hour).unwrap_or_default();
    format::envelope(
        sdk.info.wire,
        &EventEnvelope {
            event,
            cv: sdk.info.version,
            sdk: configuration.wrapper.map_or(sdk.info.name, |wrapper| wrapper.name),
            sdkv: configuration.wrapper.map_or(sdk.info.version, |wrapper| wrapper.version),
            pk: configuration.instance.as_ref().filter(|_| sdk.info.has_instances()).map(|key| key.as_str()),
            payload_json: payload,
            id: &id,
            ts_hour: hour,
            rate: Some(configuration.rate(meta)),
            actor: configuration.actor.as_str(),
            ephemeral: is_ephemeral(),
        },
    )
}

/// One event as it would be sent, for debug mode.
pub(crate) fn preview(configuration: &Configuration, meta: &EventMeta, event: &str, payload: &str) -> String {
    String::from_utf8_lossy(&of(configuration, meta, event, payload)).into_owned()
}

/// Whether what is written here will be gone soon: containers and hosted workspaces. Best effort.
fn is_ephemeral() -> bool {
    static EPHEMERAL: PerProcess<OnceLock<bool>> = PerProcess::new(OnceLock::new(), |_| OnceLock::new());
    *EPHEMERAL.get_or_init(|| {
        ["KUBERNETES_SERVICE_HOST", "CODESPACES", "GITPOD_WORKSPACE_ID", "container"]
            .into_iter()
            .any(|variable| env::var_os(variable).is_some())
            || ["/.dockerenv", "/run/.containerenv"].into_iter().any(|path| Path::new(path).exists())
    })
}
