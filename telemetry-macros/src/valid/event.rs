//! Rules for `#[telemetry_event]`.

use super::{common, field, no_generics, only_one};
use crate::{
    ast::{Event, EventBody},
    attr::{COUNT, EventKind},
    errors::Errors,
};

pub(crate) fn check(event: &Event, errors: &mut Errors) {
    is_a_struct_with_names(event, errors);
    if matches!(event.body, EventBody::Fields(_) | EventBody::Tuple(_)) {
        no_generics(&event.generics, "an event", errors);
    }
    common::check(&event.args.common, errors);
    field::check_all(event.fields(), event.args.common.rename_all.map(|case| case.value), errors);
    a_counter_counts(event, errors);
    if errors.is_empty() {
        only_one::event(event, errors);
    }
}

/// A counter is sent once a day, and its last field is the count.
fn a_counter_counts(event: &Event, errors: &mut Errors) {
    if event.args.kind.is_none_or(|kind| kind.value != EventKind::Counter) {
        return;
    }
    common::counter_has_no_throttle(&event.args.common, errors);
    let case = event.args.common.rename_all.map(|case| case.value);
    for field in event.fields().iter().filter(|field| field.is_sent() && field.key(case) == COUNT) {
        let message = format!(
            "`{COUNT}` is the key of the counter itself; give the field another one: `#[telemetry(rename = \"items\")]`"
        );
        errors.at(field.key_span(), message);
    }
}

/// Every field has a key; other items have no fields with names.
fn is_a_struct_with_names(event: &Event, errors: &mut Errors) {
    match &event.body {
        EventBody::Fields(_) => {}
        EventBody::Tuple(fields) => {
            errors.on(fields, "the fields of an event need names: `struct Opened { component: Component }`");
        }
        EventBody::Enum(token) => {
            let message =
                "an event is a struct: `struct Opened { dialog: Dialog }`, with this enum as the type of a field";
            errors.on(token, message);
        }
        EventBody::Union(token) => {
            errors.on(token, "an event is a struct with named fields: write `struct` for `union`")
        }
    }
}
