//! The lock file as serde reads it: strict, because a key that is skipped would be an event that is not reviewed.

use serde::Deserialize;
use telemetry_schema::{
    Active, Compress, DefaultConsent, Environment, EventCase, Exit, Health, Identity, Instance, Kind, Level, Notice,
    Role, Sensitivity, Throttle, Wire, WriteOn,
};
use toml::Spanned;

use super::Build;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "lock_version")]
    _lock_version: u32,
    pub(super) builds: Vec<Build>,
    #[serde(default)]
    pub(super) sdk: Vec<Sdk>,
    #[serde(default)]
    pub(super) event: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sdk {
    pub(super) sdk: String,
    pub(super) builds: Option<Vec<Spanned<String>>>,
    #[serde(rename = "crate")]
    pub(super) crate_name: String,
    #[serde(default)]
    pub(super) repository: String,
    pub(super) role: Role,
    pub(super) default: DefaultConsent,
    pub(super) env: String,
    #[serde(default)]
    pub(super) env_aliases: Vec<String>,
    pub(super) command: Option<String>,
    pub(super) endpoint: String,
    pub(super) wire: Wire,
    pub(super) compress: Option<Compress>,
    pub(super) docs: String,
    pub(super) operator: String,
    pub(super) contact: String,
    pub(super) region: String,
    pub(super) retention: String,
    pub(super) shared_with: String,
    pub(super) event_case: EventCase,
    pub(super) active: Option<Active>,
    pub(super) health: Option<Health>,
    pub(super) identity: Option<Identity>,
    pub(super) notice: Notice,
    pub(super) official_builds: Option<String>,
    #[serde(default)]
    pub(super) environments: Vec<Environment>,
    pub(super) write_on: WriteOn,
    #[serde(default)]
    pub(super) exit: Exit,
    pub(super) instance: Option<Instance>,
    pub(super) sample: f64,
    pub(super) transport: String,
    pub(super) envelope: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) server_sees: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    pub(super) sdk: String,
    pub(super) event: String,
    pub(super) discriminant: Option<String>,
    pub(super) builds: Option<Vec<Spanned<String>>>,
    pub(super) kind: Kind,
    #[serde(rename = "crate")]
    pub(super) crate_name: String,
    #[serde(default)]
    pub(super) doc: String,
    pub(super) sample: f64,
    pub(super) throttle: Throttle,
    pub(super) level: Option<Level>,
    pub(super) owner: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) reviewed: Option<String>,
    pub(super) since: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) words: Spanned<String>,
    pub(super) values: Option<Vec<String>>,
    pub(super) variants: Option<Vec<Variant>>,
    pub(super) fields: Option<Vec<Field>>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) prefixes: Vec<String>,
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) sensitivity: Option<Sensitivity>,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) doc: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variant {
    pub(super) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) words: Option<Spanned<String>>,
    pub(super) values: Option<Vec<String>>,
    pub(super) variants: Option<Vec<Variant>>,
    pub(super) fields: Option<Vec<Field>>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) prefixes: Vec<String>,
    #[serde(default)]
    pub(super) prefix: String,
}
