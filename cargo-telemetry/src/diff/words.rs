//! Descriptors in words, for the two sides of a finding.

use serde::Serialize;
use telemetry_schema::{Exit, FieldDescriptor, FieldType, Kind, Sensitivity, Throttle, VariantDescriptor, Wire};

/// What a field may hold.
pub(super) fn field_type(of: &FieldType) -> String {
    match of {
        FieldType::Bool => "true or false".to_owned(),
        FieldType::Int { min, max } => format!("whole number from {min} to {max}"),
        FieldType::Unbounded(rust) => format!("any {rust}"),
        FieldType::Enum(names) => format!("one of {}", list(names.iter().map(String::as_str))),
        FieldType::Variants(variants) => format!("one of {}", join(variants.iter().map(variant))),
        FieldType::Struct(fields) => format!("object with {}", join(fields.iter().map(field))),
        FieldType::Optional(of) => format!("optional: {}", field_type(of)),
        FieldType::Array { len, of } => format!("list of exactly {len}: {}", field_type(of)),
        FieldType::List { max, of } => format!("list of at most {max}: {}", field_type(of)),
        FieldType::Text { max_len } => format!("free text of at most {max_len} bytes"),
        FieldType::OneOf(of) => format!("{}, or `other`", field_type(of)),
        FieldType::Count => "count, as a power of two".to_owned(),
        FieldType::DurationBucket => "milliseconds, as a power of two".to_owned(),
        FieldType::Version { prefix } if prefix.is_empty() => "version".to_owned(),
        FieldType::Version { prefix } => format!("version after {}", quoted(prefix)),
        FieldType::Os => "name of the operating system".to_owned(),
        FieldType::OsVersion => "version of the operating system".to_owned(),
        FieldType::Packages { names, prefixes, max } => {
            let prefixes = prefixes.iter().map(|prefix| quoted(&format!("{prefix}…")));
            format!("at most {max} packages: {}", join(names.iter().map(|name| quoted(name)).chain(prefixes)))
        }
        FieldType::Pseudonym => "pseudonym".to_owned(),
        // A type of a later version: its JSON says what it is.
        other => word(other),
    }
}

fn field(field: &FieldDescriptor) -> String {
    quoted(&field.name)
}

/// A variant with what it holds.
pub(super) fn variant(variant: &VariantDescriptor) -> String {
    match &variant.field_type {
        Some(of) => format!("{} with {}", quoted(&variant.name), field_type(of)),
        None => quoted(&variant.name),
    }
}

/// Names, each in quotes.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    join(names.map(quoted))
}

/// A name or value as it is sent.
pub(super) fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn join(words: impl Iterator<Item = String>) -> String {
    // Findings are read by people; the whole list is in `cargo telemetry show` and in the lock file.
    const MANY: usize = 12;
    let mut words: Vec<_> = words.collect();
    if words.len() > MANY {
        let more = words.len() - MANY;
        words.truncate(MANY);
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// A sampling rate.
pub(super) fn rate(rate: f64) -> String {
    rate.to_string()
}

/// How often an identical event is recorded.
pub(super) fn throttle(throttle: Throttle) -> String {
    match throttle {
        Throttle::None => "every time".to_owned(),
        Throttle::Daily => "once per UTC day".to_owned(),
        Throttle::RollingHours(hours) => format!("once in {hours} h"),
        other => word(&other),
    }
}

/// What happens to events that were not sent when the program ends.
pub(super) fn exit(exit: Exit) -> String {
    match exit {
        Exit::Later => "they wait for a later run".to_owned(),
        Exit::Grace(millis) => format!("the end waits at most {millis} ms"),
        Exit::Detached => "a child process sends them".to_owned(),
        other => word(&other),
    }
}

/// A wire format as `sdk!` spells it.
pub(super) fn wire(wire: Wire) -> String {
    match wire {
        Wire::EventBatch { strict } => format!("EventBatch {{ strict: {strict} }}"),
        Wire::Beacon => "Beacon".to_owned(),
        Wire::Report => "Report".to_owned(),
        other => word(&other),
    }
}

/// What an event reports.
pub(super) fn kind(kind: Kind) -> String {
    word(&kind)
}

/// A category of data.
pub(super) fn sensitivity(sensitivity: Sensitivity) -> String {
    word(&sensitivity)
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
