//! JSON Schema 2020-12 of what an SDK sends, for servers that receive it.
//!
//! `EventBatch` and `Report`: the body of the request. `Beacon`: the payload in the address, decoded. `Otlp`: one record of the body,
//! decoded, because lists of attributes say nothing that a schema can check. Every rule is one
//! that a mistake can break alone, and that names the place of the mistake: events are told apart by `if`/`then` on
//! their name, never by a `oneOf` over all of them.
//!
//! What the language cannot say is in the descriptions: sizes in bytes (it counts characters, and a text of at most so
//! many bytes has at most as many characters), and that the time in an id is cut to the hour.

mod envelope;
mod event;
mod pattern;
mod text;
mod value;

use serde_json::{Value, json};
use telemetry_schema::{Carries, EventDescriptor, Manifest, SdkDescriptor, conflicts};

use crate::wire;

pub use text::to_text;

/// The dialect of every schema of this module.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of what `sdk` sends; `None` if the manifest has no SDK of that name.
///
/// Where nothing is ever sent, because no event can be recorded, no document satisfies the schema. Where several SDKs have
/// this name, which send to different places, it holds the schema of each, titled with its endpoint, and a document has to
/// satisfy one of them.
pub fn of(manifest: &Manifest, sdk: &str) -> Option<Value> {
    let named: Vec<_> = manifest.sdks.iter().filter(|declared| declared.sdk == sdk).collect();
    match named.as_slice() {
        [] => None,
        [sdk] => Some(of_one(manifest, sdk)),
        sdks => Some(json!({
            "$schema": DIALECT,
            "title": format!("{sdk}: {} SDKs of one name", sdks.len()),
            "description": "Each sends to a place of its own, which its title names.",
            "anyOf": sdks.iter().map(|sdk| of_many(manifest, sdk)).collect::<Vec<_>>(),
        })),
    }
}

/// One of several schemas of one name.
fn of_many(manifest: &Manifest, sdk: &SdkDescriptor) -> Value {
    let mut schema = of_one(manifest, sdk);
    if let Some(keys) = schema.as_object_mut() {
        keys.remove("$schema");
        keys.insert(
            "title".to_owned(),
            json!(format!("{} to {}: {}", sdk.sdk, sdk.endpoint, wire::document(sdk.wire))),
        );
    }
    schema
}

fn of_one(manifest: &Manifest, sdk: &SdkDescriptor) -> Value {
    let events = recordable(manifest, sdk);
    let mut schema = if sdk.wire.is_list() && !events.is_empty() {
        batch(sdk, &events)
    } else {
        // Formats without a name have one event, or conflict.
        events.first().map_or_else(|| json!({ "not": {} }), |event| event::payload(event))
    };
    if let Some(keys) = schema.as_object_mut() {
        keys.insert("$schema".to_owned(), json!(DIALECT));
        keys.insert("title".to_owned(), json!(format!("{}: {}", sdk.sdk, wire::document(sdk.wire))));
        keys.insert("description".to_owned(), json!(description(sdk)));
    }
    schema
}

/// The events that can be recorded: without conflict, and in the sample on some day. Equal ones count once.
pub(crate) fn recordable<'a>(manifest: &'a Manifest, sdk: &SdkDescriptor) -> Vec<&'a EventDescriptor> {
    let conflicting = conflicts(&manifest.sdks, &manifest.events);
    let mut events: Vec<_> = manifest.events_of(sdk).collect();
    events.retain(|event| !conflicting.contains(&event.key()) && event::rate(sdk, event) > 0.0);
    events.dedup_by_key(|event| event.key());
    events
}

fn batch(sdk: &SdkDescriptor, events: &[&EventDescriptor]) -> Value {
    if sdk.wire.carries() == Carries::Records {
        return envelope::event(sdk, events);
    }
    json!({
        "type": "object",
        "required": ["events"],
        "additionalProperties": false,
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": wire::batch_events(sdk.wire),
                "items": envelope::event(sdk, events),
            },
        },
    })
}

fn description(sdk: &SdkDescriptor) -> String {
    let mut text = wire::bounds(sdk.wire);
    text.push_str(" `maxLength` counts characters; the program cuts free text at as many bytes of UTF-8.");
    if sdk.wire.has_ids() {
        let (id, time) =
            if sdk.wire.carries() == Carries::Records { ("log.record.uid", "timeUnixNano") } else { ("id", "ts") };
        text.push_str(&format!(" The time in `{id}` is cut to the hour, as `{time}` is."));
    }
    if sdk.transport == "custom" {
        text.push_str(" The SDK brings a transport of its own, which may send the events in another form.");
    }
    text
}
