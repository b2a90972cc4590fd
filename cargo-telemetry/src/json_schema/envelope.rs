//! What stands around the payload of an event in a batch.

use serde_json::{Map, Value, json};
use telemetry_schema::{EventDescriptor, SdkDescriptor};

use super::{
    event::branches,
    pattern,
    value::{closed, described, one_of, text},
};

/// Keys that an event may do without.
const OPTIONAL: [&str; 2] = ["pk", "rate"];

/// One event of a batch: exactly the keys of the record's envelope.
pub(super) fn event(sdk: &SdkDescriptor, events: &[&EventDescriptor]) -> Value {
    let properties: Map<_, _> =
        sdk.envelope.iter().map(|(name, doc)| (name.clone(), described(key(events, name), doc))).collect();
    let names = sdk.envelope.iter().map(|(name, _)| name.as_str());
    let required: Vec<_> = names.filter(|name| !OPTIONAL.contains(name)).collect();
    let mut schema = closed(properties, &required);
    if let Some(keys) = schema.as_object_mut() {
        keys.insert("allOf".to_owned(), json!(branches(sdk, events)));
    }
    schema
}

fn key(events: &[&EventDescriptor], name: &str) -> Value {
    match name {
        "event" => one_of(events.iter().map(|event| event.event.as_str())),
        "it" => json!({ "const": "development" }),
        "cv" | "sdkv" => text(pattern::CRATE_VERSION),
        "sdk" => text(pattern::CRATE_NAME),
        // An SDK is off where the key of a production instance is set.
        "pk" => text(pattern::DEVELOPMENT_KEY),
        "id" => text(pattern::UUID7),
        "ts" => text(pattern::HOUR),
        "actor" => one_of(["human", "ci", "agent", "unknown"]),
        "ephemeral" => json!({ "type": "boolean" }),
        // `payload` and `rate` have their rules in the branches of their events.
        _ => json!({}),
    }
}
