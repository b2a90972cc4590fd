//! One event as it would be sent, with values that are the same on every machine.
//!
//! Every key that may be there is there. Order and spelling are those of the runtime; tests compare with what real
//! programs send.

use telemetry_schema::{
    Carries, EventDescriptor, FieldDescriptor, FieldType, Form, Identity, SdkDescriptor, number, otlp,
    ready_made::OTHER,
};

use crate::wire;
pub(super) use crate::wire::Example;

/// Values of one example at most; a record may ask for lists of any length.
const VALUES: usize = 500;

/// The hour of all examples, as it stands in `id` and `ts`.
const ID: &str = "01a20132-3f80-7c1e-9a4b-5d2f7e8c6a10";
const HOUR: &str = "2026-11-22T03:00:00Z";
const HOUR_NANOS: &str = "1795316400000000000";
const VERSION: &str = "1.2.3";
/// The id of an installation.
const INSTALLATION: &str = "9b1f63d0c24e4a7f8d5e0a7719c3e8b2";
/// `pk_test_` and the Base64 of `instance.example$`.
const KEY: &str = "pk_test_aW5zdGFuY2UuZXhhbXBsZSQ";

/// The request with one event; `None` if it would be too long to show.
pub(super) fn of(sdk: &SdkDescriptor, event: &EventDescriptor) -> Option<Example> {
    let mut budget = VALUES;
    let payload = object(&event.fields, &mut budget)?;
    Some(wire::example(sdk, payload, |payload| match sdk.wire.carries() {
        Carries::Records => record(sdk, event, payload),
        Carries::Events | Carries::Payload | Carries::Address => envelope(sdk, event, payload),
    }))
}

/// The resource, the scope and the record of one event, with these attributes of its payload.
fn record(sdk: &SdkDescriptor, event: &EventDescriptor, payload: &str) -> String {
    let attribute = |key: &str, value: &str| format!("{{\"key\":{},\"value\":{value}}}", text(key));
    let string = |value: &str| format!("{{\"stringValue\":{}}}", text(value));
    let resource = [("service.name", sdk.sdk.as_str()), ("service.version", VERSION)];
    let resource = resource.map(|(key, value)| attribute(key, &string(value))).join(",");
    let rate = sdk.sample.min(event.sample);
    let mut attributes: Vec<_> = [payload.to_owned()].into_iter().filter(|payload| !payload.is_empty()).collect();
    attributes.push(attribute("log.record.uid", &string(ID)));
    if rate < 1.0 {
        attributes.push(attribute("telemetry.rate", &format!("{{\"doubleValue\":{}}}", number::float(rate))));
    }
    attributes.push(attribute("telemetry.actor", &string("human")));
    attributes.push(attribute("telemetry.ephemeral", "{\"boolValue\":false}"));
    if sdk.carries_instance_key() {
        attributes.push(attribute(otlp::INSTANCE, &string(KEY)));
    }
    if sdk.identity.is_some() {
        attributes.push(attribute(otlp::INSTALLATION, &string(INSTALLATION)));
    }
    format!(
        "{{\"resource\":{{\"attributes\":[{resource}]}},\"scopeLogs\":[{{\"scope\":{{\"name\":{},\"version\":{}}},\"logRecords\":\
         [{{\"timeUnixNano\":\"{HOUR_NANOS}\",\"eventName\":{},\"attributes\":[{}]}}]}}]}}",
        text(&sdk.sdk),
        text(VERSION),
        text(&event.event),
        attributes.join(",")
    )
}

fn envelope(sdk: &SdkDescriptor, event: &EventDescriptor, payload: &str) -> String {
    let rate = sdk.sample.min(event.sample);
    let members = sdk.envelope.iter().filter_map(|(key, _)| {
        let value = match key.as_str() {
            "event" => text(&event.event),
            "it" => text("development"),
            "cv" | "sdkv" => text(VERSION),
            "sdk" => text(&sdk.sdk),
            "pk" => text(KEY),
            "payload" => payload.to_owned(),
            "id" => text(ID),
            "ts" => text(HOUR),
            "rate" if rate < 1.0 => number::float(rate),
            "actor" => text("human"),
            "ephemeral" => "false".to_owned(),
            Identity::KEY => text(INSTALLATION),
            _ => return None,
        };
        Some(format!("{}:{value}", text(key)))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn object(fields: &[FieldDescriptor], budget: &mut usize) -> Option<String> {
    let mut members = Vec::new();
    for field in fields {
        let of = match &field.field_type {
            FieldType::Optional(of) => of,
            field_type => field_type,
        };
        members.push(format!("{}:{}", text(&field.name), value(of, 0, budget)?));
    }
    Some(format!("{{{}}}", members.join(",")))
}

/// A value; `place` is its place in a list, so that lists of names show different ones.
fn value(field_type: &FieldType, place: usize, budget: &mut usize) -> Option<String> {
    *budget = budget.checked_sub(1)?;
    Some(match field_type.form() {
        Form::Bool => "true".to_owned(),
        Form::Int { min, max } => number::integer(i128::from(3.max(min).min(max))),
        Form::Unbounded(rust_type) => if rust_type.ends_with('8') { "80" } else { "8080" }.to_owned(),
        Form::Enum(names) => text(names.get(place).or(names.first())?),
        Form::Variants(variants) => {
            // One with a value shows more.
            let variant = variants.iter().find(|variant| variant.field_type.is_some()).or(variants.first())?;
            match &variant.field_type {
                Some(of) => format!("{{{}:{}}}", text(&variant.name), value(of, 0, budget)?),
                None => text(&variant.name),
            }
        }
        Form::Struct(fields) => object(fields, budget)?,
        Form::Optional(of) => value(of, place, budget)?,
        Form::Array { len, of } => elements(len, of, budget)?,
        Form::List { max, of } => elements(max.min(2), of, budget)?,
        Form::Text { max_len } => text("some text".get(..max_len).unwrap_or("some text")),
        Form::OneOf(list) => match list.form() {
            Form::Enum(names) => text(names.get(place).or(names.first()).map_or(OTHER, String::as_str)),
            _ => text(OTHER),
        },
        Form::ReadyMade(row) => row.example.to_owned(),
        Form::Version { prefix } => text(&format!("{prefix}{VERSION}")),
        Form::Packages { names, prefixes, max } => packages(names, prefixes, max),
        Form::Pseudonym => text("3f0a6c1d9be24785a1c0d4e2f7835b69"),
    })
}

fn elements(count: usize, of: &FieldType, budget: &mut usize) -> Option<String> {
    let mut elements = Vec::new();
    for place in 0..count {
        elements.push(value(of, place, budget)?);
    }
    Some(format!("[{}]", elements.join(",")))
}

/// One with a version, and one whose version is not known.
fn packages(names: &[String], prefixes: &[String], max: usize) -> String {
    let named = prefixes.iter().map(|prefix| format!("{prefix}core")).chain(names.iter().cloned());
    let listed = named.take(max.min(2)).enumerate().map(|(number, name)| match number {
        0 => format!("{{\"name\":{},\"version\":{}}}", text(&name), text(VERSION)),
        _ => format!("{{\"name\":{}}}", text(&name)),
    });
    format!("[{}]", listed.collect::<Vec<_>>().join(","))
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// JSON with line ends and indentation; nothing else is changed. Groups that fit on a line stay on one.
pub(super) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some(char) = rest.chars().next() {
        let len = match char {
            '"' => string(rest),
            '{' | '[' if group(rest) <= 64 && depth > 0 => group(rest),
            char => char.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
        rest = after;
        match piece {
            "{" | "[" => {
                depth += 1;
                out.push_str(piece);
                new_line(&mut out, depth);
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push_str(piece);
            }
            "," => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            piece => out.push_str(piece),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// The length in bytes of the string that `json` begins with.
fn string(json: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

/// The length in bytes of the object or list that `json` begins with.
fn group(json: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => at += string(json.get(at..).unwrap_or_default()).saturating_sub(1),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    json.len()
}
