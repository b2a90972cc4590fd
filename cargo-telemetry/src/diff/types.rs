//! Two types of one field.

mod numbers;
mod special;
mod variants;

use telemetry_schema::FieldType;

pub(super) use self::special::{Special, specials};
use super::{field, finding::Found, pair::pair, rules::Id, words};

/// Compares what a field at `path` may hold. Types that differ in anything but prose have at least one finding.
pub(super) fn compare(path: &str, old: &FieldType, new: &FieldType, found: &mut Found<'_>) {
    let before = found.count();
    match (old, new) {
        (FieldType::Int { .. } | FieldType::Unbounded(_), FieldType::Int { .. } | FieldType::Unbounded(_)) => {
            numbers::compare(path, old, new, found);
        }
        (FieldType::Enum(_) | FieldType::Variants(_), FieldType::Enum(_) | FieldType::Variants(_)) => {
            variants::compare(path, old, new, found);
        }
        (FieldType::OneOf(old), FieldType::OneOf(new)) => compare(path, old, new, found),
        (FieldType::Struct(old), FieldType::Struct(new)) => field::compare_all(path, old, new, found),
        (FieldType::Optional(old), FieldType::Optional(new)) => compare(path, old, new, found),
        (FieldType::Optional(of), _) => {
            found.in_field(Id::OptionalRemoved, path, Some(words::field_type(old)), Some(words::field_type(new)));
            compare(path, of, new, found);
            return;
        }
        (_, FieldType::Optional(of)) => {
            found.in_field(Id::OptionalAdded, path, Some(words::field_type(old)), Some(words::field_type(new)));
            compare(path, old, of, found);
            return;
        }
        (FieldType::Array { len: old_len, of: old }, FieldType::Array { len: new_len, of: new }) => {
            cap((Id::ArrayLengthened, Id::ArrayShortened), path, *old_len, *new_len, found);
            compare(&entries(path), old, new, found);
        }
        (FieldType::List { max: old_max, of: old }, FieldType::List { max: new_max, of: new }) => {
            cap((Id::ListLengthened, Id::ListShortened), path, *old_max, *new_max, found);
            compare(&entries(path), old, new, found);
        }
        (FieldType::Text { max_len: old }, FieldType::Text { max_len: new }) => {
            cap((Id::TextLengthened, Id::TextShortened), path, *old, *new, found);
        }
        (FieldType::Version { prefix: old }, FieldType::Version { prefix: new }) if old != new => {
            found.in_field(Id::VersionPrefixChanged, path, Some(words::quoted(old)), Some(words::quoted(new)));
        }
        (
            FieldType::Packages { names: old_names, prefixes: old_prefixes, max: old_max },
            FieldType::Packages { names: new_names, prefixes: new_prefixes, max: new_max },
        ) => {
            cap((Id::PackagesRaised, Id::PackagesLowered), path, *old_max, *new_max, found);
            packages(path, old_names, new_names, |name| name.clone(), found);
            packages(path, old_prefixes, new_prefixes, |prefix| format!("{prefix}…"), found);
        }
        _ => {}
    }
    // Whatever has no words of its own above, types of a later version among them: another type.
    if found.count() == before && without_prose(old) != without_prose(new) {
        found.in_field(Id::TypeChanged, path, Some(words::field_type(old)), Some(words::field_type(new)));
        specials(path, (&Special::all_in(old), None), (&Special::all_in(new), None), found);
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

/// A type without the comments, sensitivities and reasons of the fields inside; those have rules of their own.
fn without_prose(field_type: &FieldType) -> FieldType {
    let mut bare = field_type.clone();
    strip(&mut bare);
    bare
}

fn strip(field_type: &mut FieldType) {
    match field_type {
        FieldType::Struct(fields) => {
            for field in fields {
                field.doc.clear();
                field.reason = None;
                field.declared_sensitivity = None;
                strip(&mut field.field_type);
            }
        }
        FieldType::Optional(of) | FieldType::OneOf(of) | FieldType::Array { of, .. } | FieldType::List { of, .. } => {
            strip(of);
        }
        FieldType::Variants(variants) => {
            variants.iter_mut().filter_map(|variant| variant.field_type.as_mut()).for_each(strip);
        }
        FieldType::Bool
        | FieldType::Int { .. }
        | FieldType::Unbounded(_)
        | FieldType::Enum(_)
        | FieldType::Text { .. }
        | FieldType::CountBucket
        | FieldType::DurationBucket
        | FieldType::Version { .. }
        | FieldType::Os
        | FieldType::OsVersion
        | FieldType::Packages { .. }
        | FieldType::Pseudonym => {}
    }
}
