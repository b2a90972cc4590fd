//! What an author says of a field beside its type: words, reason, category.

use telemetry_schema::{FieldDescriptor, Sensitivity};

use crate::diff::{
    finding::{Found, reworded, said},
    rules::Id,
    words,
};

/// Compares everything but the name, by which the two were found, and the type.
pub(super) fn compare(path: &str, old: &FieldDescriptor, new: &FieldDescriptor, found: &mut Found<'_>) {
    // Taken apart, so that a new key of descriptors does not compile until it is handled here.
    let FieldDescriptor { name: _, field_type: _, doc, declared_sensitivity, reason } = old;
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
