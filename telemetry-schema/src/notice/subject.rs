//! What a notice says of an SDK: a small part of what its record holds.

use crate::{DefaultConsent, Identity, SdkDescriptor, belongs::Declares, json::Json, otlp, record};

/// What a notice says of an SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<'a> {
    pub(super) sdk: &'a str,
    pub(super) env: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) docs: &'a str,
    pub(super) operator: &'a str,
    pub(super) contact: &'a str,
    pub(super) region: &'a str,
    pub(super) retention: &'a str,
    pub(super) shared_with: &'a str,
    pub(super) command: Option<&'a str>,
    pub(super) default: DefaultConsent,
    pub(super) identity: Option<Identity>,
    pub(super) instance_key: bool,
    pub(super) custom_transport: bool,
    active: bool,
    health: bool,
    at: &'a str,
}

impl<'a> From<&'a SdkDescriptor> for Subject<'a> {
    fn from(sdk: &'a SdkDescriptor) -> Self {
        Self {
            sdk: &sdk.sdk,
            env: &sdk.env,
            endpoint: &sdk.endpoint,
            docs: &sdk.docs,
            operator: &sdk.operator,
            contact: &sdk.contact,
            region: &sdk.region,
            retention: &sdk.retention,
            shared_with: &sdk.shared_with,
            command: sdk.command.as_deref(),
            default: sdk.default,
            identity: sdk.identity,
            instance_key: sdk.carries_instance_key(),
            custom_transport: sdk.transport != "built_in",
            active: sdk.active.is_some(),
            health: sdk.health.is_some(),
            at: &sdk.at,
        }
    }
}

impl<'a> Subject<'a> {
    /// Which events it declares itself.
    pub(super) fn declares(&self) -> Declares<'_> {
        Declares { active: self.active, health: self.health, at: self.at }
    }

    /// Reads it from the record of an SDK, and nothing else of that: a tenth of what a page would load for all of it. `None` if it is no
    /// such record.
    pub fn of(record: &'a Json) -> Option<Self> {
        let default = record.get("default")?.word(record::DEFAULT)?;
        let identity = record.if_any("identity", record::identity)?;
        let is_there = |name: &str| record.get(name).is_some_and(|value| *value != Json::Null);
        let (active, health) = (is_there("active"), is_there("health"));
        let names =
            |pair: &Json| pair.list().and_then(<[Json]>::first).and_then(Json::text).is_some_and(otlp::names_instance);
        let instance_key = record.get("envelope")?.list()?.iter().any(names);
        let [sdk, env, endpoint, docs, operator, contact, region, retention, shared_with, transport, at] = record
            .texts([
                "sdk",
                "env",
                "endpoint",
                "docs",
                "operator",
                "contact",
                "region",
                "retention",
                "shared_with",
                "transport",
                "at",
            ])?;
        let command = record.if_any("command", Json::text)?;
        Some(Self {
            sdk,
            env,
            endpoint,
            docs,
            operator,
            contact,
            region,
            retention,
            shared_with,
            command,
            default,
            identity,
            instance_key,
            custom_transport: transport != "built_in",
            active,
            health,
            at,
        })
    }
}
