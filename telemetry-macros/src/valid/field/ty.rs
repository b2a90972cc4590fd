//! Types that are known by their last name to be a mistake in a field. An alias slips through and meets the trait bound.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// Why a type cannot be a field as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    Number,
    WideNumber,
    Float,
    Text,
    Packages,
}

/// What is doubtful in `ty`, looking into references, arrays and the containers that fields may have.
pub(super) fn doubt(ty: &Type) -> Option<Doubt> {
    match ty {
        Type::Array(array) => doubt(&array.elem),
        Type::Group(group) => doubt(&group.elem),
        Type::Paren(paren) => doubt(&paren.elem),
        Type::Reference(reference) => doubt(&reference.elem),
        Type::Path(path) => path.path.segments.last().and_then(named),
        _ => None,
    }
}

fn named(segment: &PathSegment) -> Option<Doubt> {
    match segment.ident.to_string().as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => Some(Doubt::Number),
        "u128" | "i128" => Some(Doubt::WideNumber),
        "f32" | "f64" => Some(Doubt::Float),
        "String" | "str" | "char" | "Path" | "PathBuf" | "OsStr" | "OsString" | "CStr" | "CString" => Some(Doubt::Text),
        "Packages" => Some(Doubt::Packages),
        "Option" | "Box" | "Cow" | "Rc" | "Arc" => argument(segment),
        _ => None,
    }
}

/// The first type between `<` and `>`.
fn argument(segment: &PathSegment) -> Option<Doubt> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => doubt(ty),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn doubts_are_found_by_the_last_name() {
        let cases: [(Type, Option<Doubt>); 9] = [
            (parse_quote!(u16), Some(Doubt::Number)),
            (parse_quote!(Option<[usize; 3]>), Some(Doubt::Number)),
            (parse_quote!(core::primitive::f64), Some(Doubt::Float)),
            (parse_quote!(Option<i128>), Some(Doubt::WideNumber)),
            (parse_quote!(&'static str), Some(Doubt::Text)),
            (parse_quote!(std::borrow::Cow<'static, str>), Some(Doubt::Text)),
            (parse_quote!(std::path::PathBuf), Some(Doubt::Text)),
            (parse_quote!(Option<Component>), None),
            (parse_quote!(bool), None),
        ];
        for (ty, expected) in cases {
            assert_eq!(doubt(&ty), expected);
        }
    }
}
