//! Two lists of fields, of an event or of an object inside one.

use telemetry_schema::{FieldDescriptor, Sensitivity};

use super::{
    finding::{Found, reworded, said},
    pair::pair,
    rules::Id,
    types::{self, Special},
    words,
};

/// Compares the fields below `path`, which is empty for those of the event itself.
pub(super) fn compare_all(path: &str, old: &[FieldDescriptor], new: &[FieldDescriptor], found: &mut Found<'_>) {
    let pairs = pair(old, new, |field| &field.name);
    for field in pairs.removed {
        let path = below(path, &field.name);
        found.in_field(Id::FieldRemoved, &path, Some(words::field_type(&field.field_type)), None);
        specials(&path, Some(field), None, found);
    }
    for field in pairs.added {
        let path = below(path, &field.name);
        found.in_field(Id::FieldAdded, &path, None, Some(words::field_type(&field.field_type)));
        specials(&path, None, Some(field), found);
    }
    for (old, new) in pairs.both {
        compare(&below(path, &new.name), old, new, found);
    }
    if pairs.reordered {
        let names = |fields: &[FieldDescriptor]| Some(words::list(fields.iter().map(|field| &*field.name)));
        match path {
            "" => found.note(Id::OrderChanged, names(old), names(new)),
            path => found.in_field(Id::OrderChanged, path, names(old), names(new)),
        }
    }
}

/// What fields of an event that came or went are to be pointed out for.
pub(super) fn specials_of(old: &[FieldDescriptor], new: &[FieldDescriptor], found: &mut Found<'_>) {
    for field in old {
        specials(&field.name, Some(field), None, found);
    }
    for field in new {
        specials(&field.name, None, Some(field), found);
    }
}

/// `name` inside of `path`, as in the payload.
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn compare(path: &str, old: &FieldDescriptor, new: &FieldDescriptor, found: &mut Found<'_>) {
    // Taken apart, so that a new key of descriptors does not compile until it is handled here.
    let FieldDescriptor { name: _, field_type, doc, declared_sensitivity, reason } = old;
    types::compare(path, field_type, &new.field_type, found);
    if *doc != new.doc {
        found.in_field(reworded(Id::FieldDocChanged, doc, &new.doc), path, said(doc), said(&new.doc));
    }
    if *reason != new.reason {
        let words = |reason: &Option<String>| reason.clone().unwrap_or_default();
        let id = reworded(Id::ReasonChanged, &words(reason), &words(&new.reason));
        found.in_field(id, path, reason.clone(), new.reason.clone());
    }
    if *declared_sensitivity != new.declared_sensitivity {
        let words = |field: &FieldDescriptor| Some(words::sensitivity(field.sensitivity()).to_owned());
        let id = match old.sensitivity().cmp(&new.sensitivity()) {
            std::cmp::Ordering::Less => Id::SensitivityRaised,
            std::cmp::Ordering::Greater if lowered_by_type(old, new) => Id::SensitivityLowered,
            std::cmp::Ordering::Greater => Id::SensitivityRelabelled,
            std::cmp::Ordering::Equal => {
                let words =
                    |declared: Option<Sensitivity>| declared.map(|declared| words::sensitivity(declared).to_owned());
                let (old, new) = (words(*declared_sensitivity), words(new.declared_sensitivity));
                found.in_field(Id::SensitivityRestated, path, old, new);
                return;
            }
        };
        found.in_field(id, path, words(old), words(new));
    }
}

/// Whether the types alone show that a field has become less personal: the new one holds less by itself, and no label says
/// that it is less still.
fn lowered_by_type(old: &FieldDescriptor, new: &FieldDescriptor) -> bool {
    let (before, after) = (old.field_type.sensitivity(), new.field_type.sensitivity());
    after < before && new.sensitivity() >= after
}

/// Free text, unbounded numbers and pseudonyms come and go with their fields; each is pointed out.
fn specials(path: &str, old: Option<&FieldDescriptor>, new: Option<&FieldDescriptor>, found: &mut Found<'_>) {
    let of =
        |field: Option<&FieldDescriptor>| field.map(|field| Special::all_in(&field.field_type)).unwrap_or_default();
    let reason = |field: Option<&FieldDescriptor>| field.and_then(|field| field.reason.clone());
    types::specials(path, (&of(old), reason(old)), (&of(new), reason(new)), found);
}
