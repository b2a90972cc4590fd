use quote::quote;

use super::*;

#[test]
fn closures_are_found_and_operators_are_not() {
    for (expression, expected) in [
        (quote!(a.is_some_and(|a| a.b)), true),
        (quote!(|| true), true),
        (quote!(a.map(move |a| a)), true),
        (quote!(f(1, || 2)), true),
        (quote!(a || b), false),
        (quote!((a) | b), false),
        (quote!(matches!(a, Some(_) | None)), false),
        (quote!(a? || 1 == 2 || c), false),
    ] {
        assert_eq!(has_closure(expression.clone()), expected, "{expression}");
    }
}
