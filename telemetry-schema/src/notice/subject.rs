//! What a notice says of an SDK: a small part of what its record holds.

use std::borrow::Cow;

use crate::{
    DefaultConsent, Identity, SdkDescriptor,
    belongs::Declares,
    json::scan::{self, parts},
    otlp,
};

/// What a notice says of an SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<'a> {
    pub(super) sdk: Cow<'a, str>,
    pub(super) env: Cow<'a, str>,
    pub(super) endpoint: Cow<'a, str>,
    pub(super) docs: Cow<'a, str>,
    pub(super) operator: Cow<'a, str>,
    pub(super) contact: Cow<'a, str>,
    pub(super) region: Cow<'a, str>,
    pub(super) retention: Cow<'a, str>,
    pub(super) shared_with: Cow<'a, str>,
    pub(super) command: Option<Cow<'a, str>>,
    pub(super) default: DefaultConsent,
    pub(super) identity: Option<Identity>,
    pub(super) instance_key: bool,
    pub(super) custom_transport: bool,
    active: bool,
    health: bool,
    at: Cow<'a, str>,
}

impl<'a> From<&'a SdkDescriptor> for Subject<'a> {
    fn from(sdk: &'a SdkDescriptor) -> Self {
        Self {
            sdk: Cow::Borrowed(&sdk.sdk),
            env: Cow::Borrowed(&sdk.env),
            endpoint: Cow::Borrowed(&sdk.endpoint),
            docs: Cow::Borrowed(&sdk.docs),
            operator: Cow::Borrowed(&sdk.operator),
            contact: Cow::Borrowed(&sdk.contact),
            region: Cow::Borrowed(&sdk.region),
            retention: Cow::Borrowed(&sdk.retention),
            shared_with: Cow::Borrowed(&sdk.shared_with),
            command: sdk.command.as_deref().map(Cow::Borrowed),
            default: sdk.default,
            identity: sdk.identity,
            instance_key: sdk.carries_instance_key(),
            custom_transport: sdk.transport != "built_in",
            active: sdk.active.is_some(),
            health: sdk.health.is_some(),
            at: Cow::Borrowed(&sdk.at),
        }
    }
}

/// The members of a record that are text, by their names.
const TEXTS: [Cow<'static, str>; 13] = [
    Cow::Borrowed("record"),
    Cow::Borrowed("default"),
    Cow::Borrowed("transport"),
    Cow::Borrowed("sdk"),
    Cow::Borrowed("env"),
    Cow::Borrowed("endpoint"),
    Cow::Borrowed("docs"),
    Cow::Borrowed("operator"),
    Cow::Borrowed("contact"),
    Cow::Borrowed("region"),
    Cow::Borrowed("retention"),
    Cow::Borrowed("shared_with"),
    Cow::Borrowed("at"),
];

impl<'a> Subject<'a> {
    /// Which of its events `sdk!` itself declares.
    pub(super) fn declares(&self) -> Declares<'_> {
        Declares { active: self.active, health: self.health, at: &self.at }
    }

    /// By the record of an SDK, as [`record::json`](crate::record::json) has it; `None` if it is none.
    pub fn of(record: &'a [u8]) -> Option<Self> {
        let member = |name: &str| scan::member(record, name).filter(|value| *value != b"null");
        // One after the other, and what is not there is noticed at the end: at each of several ends of a function all that it holds is given back.
        let mut texts = TEXTS;
        let mut is_whole = true;
        for text in &mut texts {
            let found = member(text).and_then(scan::text);
            is_whole &= found.is_some();
            *text = found.unwrap_or_default();
        }
        let [kind, default, transport, sdk, env, endpoint, docs, operator, contact, region, retention, shared_with, at] =
            texts;
        let days = |of: &[u8]| scan::unsigned(scan::member(of, "rotating")?)?.try_into().ok();
        let names =
            |pair: &[u8]| parts(pair).next().and_then(scan::text).is_some_and(|name| otlp::names_instance(&name));
        let subject = Self {
            sdk,
            env,
            endpoint,
            docs,
            operator,
            contact,
            region,
            retention,
            shared_with,
            command: member("command").and_then(scan::text),
            default: if default == "off" { DefaultConsent::Off } else { DefaultConsent::On },
            identity: member("identity").and_then(days).map(Identity::Rotating),
            instance_key: parts(member("envelope").unwrap_or_default()).any(names),
            custom_transport: transport != "built_in",
            active: member("active").is_some(),
            health: member("health").is_some(),
            at,
        };
        (is_whole && kind == "sdk").then_some(subject)
    }
}
