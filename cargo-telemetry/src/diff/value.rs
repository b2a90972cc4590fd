//! What fields may hold, compared: objects hold fields, fields have types, and types hold objects and variants. All that calls
//! itself in turn stands here.

mod bare;
mod label;
mod numbers;
mod special;

use std::borrow::Cow;

use telemetry_schema::{FieldDescriptor, FieldType, Form, VariantDescriptor};

use self::{
    bare::without_prose,
    special::{Special, specials},
};
use super::{finding::Found, pair::pair, rules::Id, words};

/// Compares the fields below `path`, which is empty for those of the event itself.
pub(super) fn compare_all(path: &str, old: &[FieldDescriptor], new: &[FieldDescriptor], found: &mut Found<'_>) {
    let pairs = pair(old, new, |field| &field.name);
    for field in pairs.removed {
        let path = below(path, &field.name);
        found.in_field(Id::FieldRemoved, &path, Some(words::field_type(&field.field_type)), None);
        field_specials(&path, Some(field), None, found);
    }
    for field in pairs.added {
        let path = below(path, &field.name);
        found.in_field(Id::FieldAdded, &path, None, Some(words::field_type(&field.field_type)));
        field_specials(&path, None, Some(field), found);
    }
    for (old, new) in pairs.both {
        compare_field(&below(path, &new.name), old, new, found);
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
        field_specials(&field.name, Some(field), None, found);
    }
    for field in new {
        field_specials(&field.name, None, Some(field), found);
    }
}

/// `name` inside of `path`, as in the payload.
fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn compare_field(path: &str, old: &FieldDescriptor, new: &FieldDescriptor, found: &mut Found<'_>) {
    compare(path, &old.field_type, &new.field_type, found);
    label::compare(path, old, new, found);
}

/// Compares what a field at `path` may hold. Types that differ in anything but prose have at least one finding.
fn compare(path: &str, old: &FieldType, new: &FieldType, found: &mut Found<'_>) {
    let before = found.count();
    match (old.form(), new.form()) {
        (Form::Int { .. } | Form::Unbounded(_), Form::Int { .. } | Form::Unbounded(_)) => {
            numbers::compare(path, old, new, found);
        }
        (Form::Enum(_) | Form::Variants(_), Form::Enum(_) | Form::Variants(_)) => {
            compare_variants(path, old, new, found);
        }
        (Form::OneOf(old), Form::OneOf(new)) => compare(path, old, new, found),
        (Form::Struct(old), Form::Struct(new)) => compare_all(path, old, new, found),
        (Form::Optional(old), Form::Optional(new)) => compare(path, old, new, found),
        (Form::Optional(of), _) => {
            found.in_field(Id::OptionalRemoved, path, Some(words::field_type(old)), Some(words::field_type(new)));
            compare(path, of, new, found);
            return;
        }
        (_, Form::Optional(of)) => {
            found.in_field(Id::OptionalAdded, path, Some(words::field_type(old)), Some(words::field_type(new)));
            compare(path, old, of, found);
            return;
        }
        (Form::Array { len: old_len, of: old }, Form::Array { len: new_len, of: new }) => {
            cap((Id::ArrayLengthened, Id::ArrayShortened), path, old_len, new_len, found);
            compare(&entries(path), old, new, found);
        }
        (Form::List { max: old_max, of: old }, Form::List { max: new_max, of: new }) => {
            cap((Id::ListLengthened, Id::ListShortened), path, old_max, new_max, found);
            compare(&entries(path), old, new, found);
        }
        (Form::Text { max_len: old }, Form::Text { max_len: new }) => {
            cap((Id::TextLengthened, Id::TextShortened), path, old, new, found);
        }
        (Form::Version { prefix: old }, Form::Version { prefix: new }) if old != new => {
            found.in_field(Id::VersionPrefixChanged, path, Some(words::quoted(old)), Some(words::quoted(new)));
        }
        (
            Form::Packages { names: old_names, prefixes: old_prefixes, max: old_max },
            Form::Packages { names: new_names, prefixes: new_prefixes, max: new_max },
        ) => {
            cap((Id::PackagesRaised, Id::PackagesLowered), path, old_max, new_max, found);
            packages(path, old_names, new_names, |name| name.clone(), found);
            packages(path, old_prefixes, new_prefixes, |prefix| format!("{prefix}…"), found);
        }
        // One of these without settings, the same settings, or another type.
        (
            Form::Bool
            | Form::Int { .. }
            | Form::Unbounded(_)
            | Form::Enum(_)
            | Form::Variants(_)
            | Form::Struct(_)
            | Form::Array { .. }
            | Form::List { .. }
            | Form::Text { .. }
            | Form::OneOf(_)
            | Form::Version { .. }
            | Form::Packages { .. }
            | Form::Pseudonym
            | Form::ReadyMade(_),
            _,
        ) => {}
    }
    // Whatever has no words of its own above: another type.
    if found.count() == before && without_prose(old) != without_prose(new) {
        found.in_field(Id::TypeChanged, path, Some(words::field_type(old)), Some(words::field_type(new)));
        specials(path, (&Special::all_in(old), None), (&Special::all_in(new), None), found);
    }
}

/// Compares two enums. One whose variants hold nothing is the same as one whose variants could hold something.
fn compare_variants(path: &str, old: &FieldType, new: &FieldType, found: &mut Found<'_>) {
    let (old, new) = (variants(old), variants(new));
    let pairs = pair(&old, &new, |variant| &*variant.name);
    for variant in pairs.removed {
        found.in_field(Id::VariantRemoved, path, Some(words::variant(variant)), None);
        variant_specials(path, Some(variant), None, found);
    }
    for variant in pairs.added {
        found.in_field(Id::VariantAdded, path, None, Some(words::variant(variant)));
        variant_specials(path, None, Some(variant), found);
    }
    for (old, new) in pairs.both {
        let words = || (Some(words::variant(old)), Some(words::variant(new)));
        match (&old.field_type, &new.field_type) {
            (Some(old_type), Some(new_type)) => compare(&below(path, &new.name), old_type, new_type, found),
            (None, None) => {}
            (None, Some(_)) => {
                let (before, after) = words();
                found.in_field(Id::VariantValueAdded, path, before, after);
                variant_specials(path, Some(old), Some(new), found);
            }
            (Some(_), None) => {
                let (before, after) = words();
                found.in_field(Id::VariantValueRemoved, path, before, after);
                variant_specials(path, Some(old), Some(new), found);
            }
        }
    }
    if pairs.reordered {
        let names = |variants: &[VariantDescriptor]| Some(words::list(variants.iter().map(|variant| &*variant.name)));
        found.in_field(Id::OrderChanged, path, names(&old), names(&new));
    }
}

fn variants(field_type: &FieldType) -> Cow<'_, [VariantDescriptor]> {
    match field_type.form() {
        Form::Variants(variants) => Cow::Borrowed(variants),
        Form::Enum(names) => {
            let bare = |name: &String| VariantDescriptor { name: name.clone(), field_type: None };
            Cow::Owned(names.iter().map(bare).collect())
        }
        Form::Bool
        | Form::Int { .. }
        | Form::Unbounded(_)
        | Form::Struct(_)
        | Form::Optional(_)
        | Form::Array { .. }
        | Form::List { .. }
        | Form::Text { .. }
        | Form::OneOf(_)
        | Form::Version { .. }
        | Form::Packages { .. }
        | Form::Pseudonym
        | Form::ReadyMade(_) => Cow::Borrowed(&[]),
    }
}

/// Entries of a list have no name in the payload.
fn entries(path: &str) -> String {
    format!("{path}[]")
}

/// An upper bound that was raised or lowered.
fn cap((raised, lowered): (Id, Id), path: &str, old: usize, new: usize, found: &mut Found<'_>) {
    if old != new {
        let id = if new > old { raised } else { lowered };
        found.in_field(id, path, Some(old.to_string()), Some(new.to_string()));
    }
}

fn packages(path: &str, old: &[String], new: &[String], words: impl Fn(&String) -> String, found: &mut Found<'_>) {
    let pairs = pair(old, new, |name| name);
    for name in pairs.removed {
        found.in_field(Id::PackageRemoved, path, Some(words(name)), None);
    }
    for name in pairs.added {
        found.in_field(Id::PackageAdded, path, None, Some(words(name)));
    }
    if pairs.reordered {
        let names = |list: &[String]| Some(words::list(list.iter().map(String::as_str)));
        found.in_field(Id::OrderChanged, path, names(old), names(new));
    }
}

/// Free text, unbounded numbers and pseudonyms come and go with their fields; each is pointed out.
fn field_specials(path: &str, old: Option<&FieldDescriptor>, new: Option<&FieldDescriptor>, found: &mut Found<'_>) {
    let of =
        |field: Option<&FieldDescriptor>| field.map(|field| Special::all_in(&field.field_type)).unwrap_or_default();
    let reason = |field: Option<&FieldDescriptor>| field.and_then(|field| field.reason.clone());
    specials(path, (&of(old), reason(old)), (&of(new), reason(new)), found);
}

fn variant_specials(
    path: &str,
    old: Option<&VariantDescriptor>,
    new: Option<&VariantDescriptor>,
    found: &mut Found<'_>,
) {
    let of = |variant: Option<&VariantDescriptor>| {
        variant.and_then(|variant| variant.field_type.as_ref()).map(Special::all_in).unwrap_or_default()
    };
    specials(path, (&of(old), None), (&of(new), None), found);
}
