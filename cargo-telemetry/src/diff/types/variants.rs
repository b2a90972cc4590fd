//! Two lists of variants, with or without values.

use std::borrow::Cow;

use telemetry_schema::{FieldType, VariantDescriptor};

use super::Special;
use crate::diff::{field::below, finding::Found, pair::pair, rules::Id, words};

/// Compares two enums. One whose variants hold nothing is the same as one whose variants could hold something.
pub(super) fn compare(path: &str, old: &FieldType, new: &FieldType, found: &mut Found<'_>) {
    let (old, new) = (variants(old), variants(new));
    let pairs = pair(&old, &new, |variant| &*variant.name);
    for variant in pairs.removed {
        found.in_field(Id::VariantRemoved, path, Some(words::variant(variant)), None);
        specials(path, Some(variant), None, found);
    }
    for variant in pairs.added {
        found.in_field(Id::VariantAdded, path, None, Some(words::variant(variant)));
        specials(path, None, Some(variant), found);
    }
    for (old, new) in pairs.both {
        let words = || (Some(words::variant(old)), Some(words::variant(new)));
        match (&old.field_type, &new.field_type) {
            (Some(old_type), Some(new_type)) => super::compare(&below(path, &new.name), old_type, new_type, found),
            (None, None) => {}
            (None, Some(_)) => {
                let (before, after) = words();
                found.in_field(Id::VariantValueAdded, path, before, after);
                specials(path, Some(old), Some(new), found);
            }
            (Some(_), None) => {
                let (before, after) = words();
                found.in_field(Id::VariantValueRemoved, path, before, after);
                specials(path, Some(old), Some(new), found);
            }
        }
    }
    if pairs.reordered {
        let names = |variants: &[VariantDescriptor]| Some(words::list(variants.iter().map(|variant| &*variant.name)));
        found.in_field(Id::OrderChanged, path, names(&old), names(&new));
    }
}

fn variants(field_type: &FieldType) -> Cow<'_, [VariantDescriptor]> {
    match field_type {
        FieldType::Variants(variants) => Cow::Borrowed(variants),
        FieldType::Enum(names) => {
            let bare = |name: &String| VariantDescriptor { name: name.clone(), field_type: None };
            Cow::Owned(names.iter().map(bare).collect())
        }
        _ => Cow::Borrowed(&[]),
    }
}

fn specials(path: &str, old: Option<&VariantDescriptor>, new: Option<&VariantDescriptor>, found: &mut Found<'_>) {
    let of = |variant: Option<&VariantDescriptor>| {
        variant.and_then(|variant| variant.field_type.as_ref()).map(Special::all_in).unwrap_or_default()
    };
    super::specials(path, (&of(old), None), (&of(new), None), found);
}
