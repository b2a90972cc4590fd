//! Types without what authors say of the fields inside.

use telemetry_schema::FieldType;

/// A type without the comments, sensitivities and reasons of the fields inside; those have rules of their own.
pub(super) fn without_prose(field_type: &FieldType) -> FieldType {
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
