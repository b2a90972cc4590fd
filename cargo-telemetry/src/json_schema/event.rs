//! One branch per event: how events of a batch are told apart, and what each may carry.
//!
//! Components and methods share an event name and name themselves in a field of their payload; no two have a word of it
//! in common. That field chooses the branch, so that a mistake is reported in the branch of its own event and nowhere
//! else.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use telemetry_schema::{EventDescriptor, FieldDescriptor, FieldType, Form, SdkDescriptor, ready_made::OTHER};

use super::value::{closed, described, object, one_of, property};
use crate::wire::{Keys, keys};

/// The share of machine-days on which an event is recorded: the smaller of its own rate and its SDK's.
pub(super) fn rate(sdk: &SdkDescriptor, event: &EventDescriptor) -> f64 {
    sdk.sample.min(event.sample)
}

/// The payload of one event.
pub(super) fn payload(event: &EventDescriptor) -> Value {
    described(object(&event.fields), &event.doc)
}

/// The branches for the events of a batch; names in the order of the manifest.
pub(super) fn branches(sdk: &SdkDescriptor, events: &[&EventDescriptor]) -> Vec<Value> {
    events
        .chunk_by(|a, b| a.event == b.event)
        .flat_map(|events| match (events, telling_field(events)) {
            ([event], _) => vec![branch(sdk, &[event], payload(event))],
            (_, Some(field)) => told_apart(sdk, events, field),
            (_, None) => {
                let alternatives: Vec<_> = events.iter().map(|event| payload(event)).collect();
                vec![branch(sdk, events, json!({ "anyOf": alternatives }))]
            }
        })
        .collect()
}

/// What holds if an event has the name of these.
fn branch(sdk: &SdkDescriptor, events: &[&EventDescriptor], payload: Value) -> Value {
    let name = events.first().map(|event| &event.event);
    let keys = keys(sdk.wire);
    let mut then = json!({ "properties": { keys.payload: payload } });
    add_rate(sdk, events, &mut then);
    json!({ "if": is_called(&keys, name), "then": then })
}

/// That an event has this name.
fn is_called(keys: &Keys, name: Option<&String>) -> Value {
    json!({ "required": [keys.name], "properties": { keys.name: { "const": name } } })
}

/// A branch that holds for the name, and one for each of the events that this field tells apart.
fn told_apart(sdk: &SdkDescriptor, events: &[&EventDescriptor], field: &str) -> Vec<Value> {
    let name = events.first().map(|event| &event.event);
    let all = json!({
        "type": "object",
        "required": [field],
        "properties": { field: one_of(events.iter().flat_map(|event| names(event, field))) },
    });
    let keys = keys(sdk.wire);
    let for_name = json!({ "if": is_called(&keys, name), "then": { "properties": { keys.payload: all } } });
    let each = events.iter().map(|event| {
        let mut then = json!({ "properties": { keys.payload: rest(event, field) } });
        add_rate(sdk, &[event], &mut then);
        let told = json!({
            "type": "object", "required": [field], "properties": { field: one_of(names(event, field)) },
        });
        json!({
            "if": {
                "required": [keys.name, keys.payload],
                "properties": { keys.name: { "const": name }, keys.payload: told },
            },
            "then": then,
        })
    });
    std::iter::once(for_name).chain(each).collect()
}

/// The payload without the rules that hold wherever this branch is chosen.
fn rest(event: &EventDescriptor, field: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for other in &event.fields {
        if other.name == field {
            properties.insert(other.name.clone(), described(json!({}), &other.doc));
        } else {
            required.extend(property(&mut properties, other));
        }
    }
    let mut schema = described(closed(properties, &required), &event.doc);
    if let Some(keys) = schema.as_object_mut() {
        keys.remove("type");
    }
    schema
}

/// Extended events carry the rate that applied to them, if it is below 1; a host may have lowered it further.
fn add_rate(sdk: &SdkDescriptor, events: &[&EventDescriptor], then: &mut Value) {
    let key = keys(sdk.wire).rate;
    if !sdk.envelope.iter().any(|(name, _)| name == key) {
        return;
    }
    let rates = || events.iter().map(|event| rate(sdk, event));
    let highest = rates().fold(0.0, f64::max);
    let schema = if highest < 1.0 {
        json!({ "type": "number", "exclusiveMinimum": 0, "maximum": highest })
    } else {
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 })
    };
    if let Some(properties) = then.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(key.to_owned(), schema);
    }
    if let (true, Some(keys)) = (highest < 1.0, then.as_object_mut()) {
        keys.insert("required".to_owned(), json!([key]));
    }
}

/// The field that must be there in each of these events, and of which no two have a word in common.
fn telling_field<'a>(events: &[&'a EventDescriptor]) -> Option<&'a str> {
    let tells = |field: &FieldDescriptor| {
        let each: Vec<_> = events.iter().map(|event| names(event, &field.name)).collect();
        let mut all = each.concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        all.len() == count && each.iter().all(|names| !names.is_empty())
    };
    events.first()?.fields.iter().find(|field| tells(field)).map(|field| field.name.as_str())
}

/// The words that this field of the event can be, each once; none if it can be something else or be absent.
fn names<'a>(event: &'a EventDescriptor, field: &str) -> Vec<&'a str> {
    let field = event.fields.iter().find(|candidate| candidate.name == field);
    let mut names: Vec<&str> = field.map(|field| words(&field.field_type)).unwrap_or_default();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

/// All words that a value of this type can be; none if it can be something else.
fn words(field_type: &FieldType) -> Vec<&str> {
    match field_type.form() {
        Form::Enum(names) => names.iter().map(String::as_str).collect(),
        Form::OneOf(list) => match words(list) {
            names if names.is_empty() => names,
            names => names.into_iter().chain([OTHER]).collect(),
        },
        Form::Bool
        | Form::Int { .. }
        | Form::Unbounded(_)
        | Form::Variants(_)
        | Form::Struct(_)
        | Form::Optional(_)
        | Form::Array { .. }
        | Form::List { .. }
        | Form::Text { .. }
        | Form::Version { .. }
        | Form::Packages { .. }
        | Form::Pseudonym
        | Form::ReadyMade(_) => Vec::new(),
    }
}
