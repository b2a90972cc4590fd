//! What stands around the payload of an event in a batch.

use serde_json::{Map, Value, json};
use telemetry_schema::{EventDescriptor, Identity, SdkDescriptor, otlp};

use super::{
    event::branches,
    pattern,
    value::{closed, described, one_of, text},
};

/// Keys that an event may do without.
const OPTIONAL: [&str; 6] = ["pk", otlp::INSTANCE, "rate", "telemetry.rate", Identity::KEY, otlp::INSTALLATION];

/// One event of a batch: exactly the keys of the record's envelope.
pub(super) fn event(sdk: &SdkDescriptor, events: &[&EventDescriptor]) -> Value {
    let properties: Map<_, _> =
        sdk.envelope.iter().map(|(name, doc)| (name.clone(), described(key(&sdk.sdk, events, name), doc))).collect();
    let names = sdk.envelope.iter().map(|(name, _)| name.as_str());
    let required: Vec<_> = names.filter(|name| !OPTIONAL.contains(name)).collect();
    let mut schema = closed(properties, &required);
    if let Some(keys) = schema.as_object_mut() {
        keys.insert("allOf".to_owned(), json!(branches(sdk, events)));
    }
    schema
}

fn key(sdk: &str, events: &[&EventDescriptor], name: &str) -> Value {
    match name {
        "event" | "eventName" => one_of(events.iter().map(|event| event.event.as_str())),
        "it" => json!({ "const": "development" }),
        "cv" | "sdkv" | "scope.version" | "service.version" => text(pattern::CRATE_VERSION),
        "sdk" | "service.name" => text(pattern::CRATE_NAME),
        "scope.name" => json!({ "const": sdk }),
        // An SDK is off where the key of a production instance is set.
        "pk" | otlp::INSTANCE => text(pattern::DEVELOPMENT_KEY),
        Identity::KEY | otlp::INSTALLATION => text(pattern::INSTALLATION),
        "id" | "log.record.uid" => text(pattern::UUID7),
        "ts" => text(pattern::HOUR),
        "timeUnixNano" => text(pattern::HOUR_NANOS),
        "actor" | "telemetry.actor" => one_of(["human", "ci", "agent", "unknown"]),
        "ephemeral" | "telemetry.ephemeral" => json!({ "type": "boolean" }),
        // Payload and rate have their rules in the branches of their events.
        _ => json!({}),
    }
}
