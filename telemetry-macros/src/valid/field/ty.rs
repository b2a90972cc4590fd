//! What can be told of a type by its words: types that would be accepted and mean nothing, and what containers hold.

use quote::ToTokens as _;
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, PathSegment, Type, TypePath};

/// What is wrong with a type, and in which part of it.
pub(crate) struct Doubt {
    pub(crate) at: proc_macro2::TokenStream,
    pub(crate) message: &'static str,
}

/// What is doubtful in `ty`, looking into arrays and the containers that fields may have.
pub(crate) fn doubt(ty: &Type) -> Option<Doubt> {
    match ty {
        Type::Array(array) => doubt(&array.elem),
        Type::Group(group) => doubt(&group.elem),
        Type::Paren(paren) => doubt(&paren.elem),
        Type::Path(path) => path.path.segments.last().and_then(in_segment),
        _ => None,
    }
}

/// What `ty` holds: itself, or what stands in the innermost of its arrays, `Option`s and `List`s.
///
/// Only messages stand there. What the type is, the compiler knows.
pub(crate) fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => innermost(&array.elem),
        Type::Group(group) => innermost(&group.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        Type::Path(path) => held(path).map_or(ty, innermost),
        _ => ty,
    }
}

/// What a container holds that is called like ours.
fn held(path: &TypePath) -> Option<&Type> {
    let container = path.path.segments.last()?;
    argument(container).filter(|_| container.ident == "Option" || container.ident == "List")
}

/// The first type among the arguments of a container.
fn argument(container: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &container.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn in_segment(segment: &PathSegment) -> Option<Doubt> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let inner = argument(segment);
    let is_zero = |argument: &GenericArgument| {
        matches!(argument, GenericArgument::Const(Expr::Lit(ExprLit { lit: Lit::Int(number), .. }))
            if number.base10_parse::<u64>().is_ok_and(|number| number == 0))
    };
    let at = segment.to_token_stream();
    match inner? {
        inner if segment.ident == "Option" && is_option(inner) => {
            Some(Doubt { at, message: "a reader cannot tell two `Option`s from one; write one: `Option<…>`" })
        }
        _ if segment.ident == "List" && arguments.args.iter().any(is_zero) => Some(Doubt {
            at,
            message: "a list of at most 0 values is always empty; say how many it may hold: `List<…, 8>`",
        }),
        inner if segment.ident == "Option" || segment.ident == "List" => doubt(inner),
        _ => None,
    }
}

fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            segment.ident == "Option" && matches!(segment.arguments, PathArguments::AngleBracketed(_))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn an_option_of_an_option_and_a_list_of_nothing_are_doubtful() {
        let cases: [(Type, bool); 7] = [
            (parse_quote!(Option<Option<bool>>), true),
            (parse_quote!([Option<core::option::Option<bool>>; 3]), true),
            (parse_quote!(Option<telemetry_runtime::List<bool, 0>>), true),
            (parse_quote!(List<Option<Option<Kind>>, 4>), true),
            (parse_quote!(Option<List<Option<bool>, 4>>), false),
            (parse_quote!(Box<Option<Option<bool>>>), false),
            (parse_quote!(bool), false),
        ];
        for (ty, expected) in cases {
            assert_eq!(doubt(&ty).is_some(), expected, "{}", ty.to_token_stream());
        }
    }

    #[test]
    fn messages_stand_at_what_containers_hold() {
        let cases: [(Type, Type); 9] = [
            (parse_quote!(String), parse_quote!(String)),
            (parse_quote!(Option<String>), parse_quote!(String)),
            (parse_quote!([String; 2]), parse_quote!(String)),
            (parse_quote!(telemetry_runtime::List<Option<[u64; 2]>, 4>), parse_quote!(u64)),
            (parse_quote!(core::option::Option<(String)>), parse_quote!(String)),
            (parse_quote!(Option<Vec<String>>), parse_quote!(Vec<String>)),
            (parse_quote!(Option<OneOf<bool>>), parse_quote!(OneOf<bool>)),
            (parse_quote!(Option), parse_quote!(Option)),
            (parse_quote!(&'static str), parse_quote!(&'static str)),
        ];
        for (ty, expected) in cases {
            assert_eq!(innermost(&ty), &expected, "{}", ty.to_token_stream());
        }
    }
}
