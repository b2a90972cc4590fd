//! Types without what authors say of the fields inside.

use telemetry_schema::{FieldType, InsideMut};

/// A type without the comments, sensitivities and reasons of the fields inside; those have rules of their own.
pub(super) fn without_prose(field_type: &FieldType) -> FieldType {
    let mut bare = field_type.clone();
    strip(&mut bare);
    bare
}

fn strip(field_type: &mut FieldType) {
    match field_type.inside_mut() {
        InsideMut::Nothing => {}
        InsideMut::One(of) | InsideMut::Each(of) => strip(of),
        InsideMut::Fields(fields) => {
            for field in fields {
                field.doc.clear();
                field.reason = None;
                field.declared_sensitivity = None;
                strip(&mut field.field_type);
            }
        }
        InsideMut::Variants(variants) => {
            variants.iter_mut().filter_map(|variant| variant.field_type.as_mut()).for_each(strip);
        }
    }
}
