//! Two ranges of whole numbers.

use telemetry_schema::{FieldType, Form};

use crate::diff::{finding::Found, rules::Id, words};

/// Compares two whole numbers, each with a range of its own or with that of a Rust type.
pub(super) fn compare(path: &str, old: &FieldType, new: &FieldType, found: &mut Found<'_>) {
    let (Some(before), Some(after)) = (range(old), range(new)) else {
        // A Rust type that this version does not know. The caller finds that the types differ.
        return;
    };
    let words = || (Some(words::field_type(old)), Some(words::field_type(new)));
    let (widened, narrowed) = match (old, new) {
        (FieldType::Int { .. }, FieldType::Unbounded(_)) => {
            let (old, new) = words();
            found.in_field(Id::UnboundedAdded, path, old, new);
            (false, after.0 > before.0 || after.1 < before.1)
        }
        (FieldType::Unbounded(_), FieldType::Int { .. }) => {
            let (old, new) = words();
            found.in_field(Id::UnboundedRemoved, path, old, new);
            (after.0 < before.0 || after.1 > before.1, false)
        }
        _ => (after.0 < before.0 || after.1 > before.1, after.0 > before.0 || after.1 < before.1),
    };
    // A range that moves is wider at one end and narrower at the other: two facts.
    if widened {
        let (old, new) = words();
        found.in_field(Id::RangeWidened, path, old, new);
    }
    if narrowed {
        let (old, new) = words();
        found.in_field(Id::RangeNarrowed, path, old, new);
    }
}

/// The smallest and the largest value, if the type is known.
fn range(field_type: &FieldType) -> Option<(i128, i128)> {
    Some(match field_type.form() {
        Form::Int { min, max } => (i128::from(min), i128::from(max)),
        Form::Unbounded(rust) => match rust {
            "u8" => (0, i128::from(u8::MAX)),
            "u16" => (0, i128::from(u16::MAX)),
            "u32" => (0, i128::from(u32::MAX)),
            // As wide as the widest target makes them.
            "u64" | "usize" => (0, i128::from(u64::MAX)),
            "i8" => (i128::from(i8::MIN), i128::from(i8::MAX)),
            "i16" => (i128::from(i16::MIN), i128::from(i16::MAX)),
            "i32" => (i128::from(i32::MIN), i128::from(i32::MAX)),
            "i64" | "isize" => (i128::from(i64::MIN), i128::from(i64::MAX)),
            _ => return None,
        },
        Form::Bool
        | Form::Enum(_)
        | Form::Variants(_)
        | Form::Struct(_)
        | Form::Optional(_)
        | Form::Array { .. }
        | Form::List { .. }
        | Form::Text { .. }
        | Form::OneOf(_)
        | Form::Version { .. }
        | Form::Packages { .. }
        | Form::Pseudonym
        | Form::ReadyMade(_) => return None,
    })
}
