use quote::quote;

use super::*;
use crate::errors::Errors;

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

/// The name of the function that a statement hands the mount: found as Yew finds hooks, in calls outside of macros, under no condition.
fn handed_in_the_body(statement: TokenStream) -> Option<String> {
    let block: syn::ExprBlock = syn::parse2(statement).unwrap();
    block.block.stmts.iter().find_map(|statement| {
        let syn::Stmt::Local(syn::Local { init: Some(init), .. }) = statement else { return None };
        let syn::Expr::Call(handed) = &*init.expr else { return None };
        let syn::Expr::Call(hook) = handed.args.first()? else { return None };
        let syn::Expr::Path(path) = &*hook.func else { return None };
        path.path.segments.last().map(|last| last.ident.to_string())
    })
}

#[test]
fn a_framework_finds_the_hook_in_the_body() {
    let args = quote!(props(label), present_with = crate::is_given, on_mount = crate::use_in_the_page);
    let item = quote!(
        fn counter(label: Signal<String>) {}
    );
    let function = Function::parse(Track::Mount, args, &item, &mut Errors::default()).unwrap();
    assert_eq!(handed_in_the_body(statement(&function)).as_deref(), Some("use_in_the_page"));
}
