//! Descriptors in words, for the two sides of a finding: beside those of every report, those that only a comparison needs.

use serde::Serialize;
use telemetry_schema::{Exit, VariantDescriptor, Wire};

pub(super) use crate::words::{field_type, identity, kind, sensitivity, throttle};

/// A variant with what it holds.
pub(super) fn variant(variant: &VariantDescriptor) -> String {
    match &variant.field_type {
        Some(of) => format!("{} with {}", quoted(&variant.name), field_type(of)),
        None => quoted(&variant.name),
    }
}

/// Names, each in quotes.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

/// A name or value as it is sent.
pub(super) fn quoted(text: &str) -> String {
    format!("`{text}`")
}

/// A sampling rate.
pub(super) fn rate(rate: f64) -> String {
    rate.to_string()
}

/// What happens to events that were not sent when the program ends.
pub(super) fn exit(exit: Exit) -> String {
    match exit {
        Exit::Later => "they wait for a later run".to_owned(),
        Exit::Grace(millis) => format!("the end waits at most {millis} ms"),
        Exit::Detached => "a child process sends them".to_owned(),
    }
}

/// A wire format as `sdk!` spells it.
pub(super) fn wire(wire: Wire) -> String {
    wire.words().spelling.to_owned()
}

/// How many schemas stand under one key.
pub(super) fn schemas(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("one schema".to_owned()),
        several => Some(format!("{several} schemas")),
    }
}

/// The word that stands for a value in records and manifests.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        // Descriptors hold nothing that JSON cannot express.
        Err(error) => error.to_string(),
    }
}
