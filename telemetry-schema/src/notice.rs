//! What a user is told before anything is recorded, in the words of the program itself.
//!
//! The running program prints this text, and `cargo telemetry docs --notice` makes the same from the records in the
//! binary.

use crate::{EventDescriptor, FieldDescriptor, FieldType, SdkDescriptor};

/// The notice of one SDK with these events: a few lines without a final line end.
pub fn text(sdk: &SdkDescriptor, events: &[EventDescriptor]) -> String {
    let mut names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    format!(
        "{name} collects {kind}: {names}.\n\
         It goes to {endpoint} ({operator}; region: {region}; kept: {retention}; shared with: {shared_with}).\n\
         Turn it off: {env}_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1. See it without sending: {env}_TELEMETRY_DEBUG=1.\n\
         Everything that is collected: {docs}. Questions: {contact}.",
        name = sdk.sdk,
        kind = kind(events),
        names = names.join(", "),
        endpoint = sdk.endpoint,
        operator = sdk.operator,
        region = sdk.region,
        retention = sdk.retention,
        shared_with = sdk.shared_with,
        env = sdk.env,
        docs = sdk.docs,
        contact = sdk.contact,
    )
}

/// What these events are, in words that claim no more than the types show.
pub fn kind(events: &[EventDescriptor]) -> &'static str {
    if is_pseudonymous(events) { "pseudonymous usage data" } else { "usage data without an id of you or your machine" }
}

/// Says whether any of these events may hold a pseudonym: then the data is not without ids, and may not be called so.
pub fn is_pseudonymous(events: &[EventDescriptor]) -> bool {
    events.iter().flat_map(|event| &event.fields).any(|field| holds_pseudonym(&field.field_type))
}

fn holds_pseudonym(field_type: &FieldType) -> bool {
    match field_type {
        FieldType::Pseudonym => true,
        FieldType::Optional(of) | FieldType::Array { of, .. } | FieldType::List { of, .. } => holds_pseudonym(of),
        FieldType::Struct(fields) => {
            fields.iter().any(|FieldDescriptor { field_type, .. }| holds_pseudonym(field_type))
        }
        FieldType::Variants(variants) => {
            variants.iter().filter_map(|variant| variant.field_type.as_ref()).any(holds_pseudonym)
        }
        _ => false,
    }
}
