//! A prop without an expression is a parameter. The compiler would only say that there is no such value.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Ident, ext::IdentExt as _};

use crate::{
    ast::Function,
    attr::{Prop, listed},
    errors::Errors,
    near,
};

/// The parameter that holds all props of a component, as people and frameworks call it.
const PROPS: &str = "props";

pub(super) fn props_are_parameters(function: &Function, errors: &mut Errors) {
    let Some(known) = &function.known else { return };
    let names: Vec<String> = known.iter().map(|name| name.unraw().to_string()).collect();
    if let Some((prop, name)) = prop_of_a_remade_function(function, &names) {
        let attribute = function.track.attribute();
        let message = format!(
            "`{name}` is no parameter of `{}` but in `{PROPS}`; write `{} = {PROPS}.{name}`, or put `#[{attribute}]` above the attribute that has \
             made `{PROPS}`",
            function.ident, prop.key
        );
        errors.at(prop.key.span(), message);
        return;
    }
    for Prop { key, .. } in function.args.props.iter().filter(|prop| prop.passed.is_none()) {
        let name = key.unraw().to_string();
        if !names.contains(&name) {
            let repair = repair(key, &name, &names);
            errors.at(key.span(), format!("`{name}` is no parameter of `{}`; {repair}", function.ident));
        } else if is_keyword(key) && !known.contains(key) {
            errors.at(
                key.span(),
                format!("`{key}` is a keyword of Rust, and the parameter is called `r#{key}`; write `r#{key}`"),
            );
        }
    }
}

fn is_keyword(name: &Ident) -> bool {
    syn::parse_str::<Ident>(&name.to_string()).is_err()
}

fn repair(key: &Ident, name: &str, known: &[String]) -> String {
    if let Some(meant) = near::closest(name, known.iter().map(String::as_str)) {
        return format!("did you mean `{meant}`?");
    }
    if name.len() > 1 && !name.contains(char::is_lowercase) {
        let lower = name.to_lowercase();
        return format!("a set of props is named `..{name}`, and a constant has a key: `{lower} = {name}`");
    }
    match known {
        [] => format!("it has none: write an expression, `{key} = …`"),
        [props] if props == PROPS => format!("write `{key} = {PROPS}.{key}`"),
        known => {
            let known = listed(known.iter().map(String::as_str));
            format!("write one of {known}, or an expression: `{key} = …`")
        }
    }
}

/// The first prop that names a field of `props` where a body starts by taking that apart, and the field. So Leptos does where its attribute
/// stands above, and so do people.
fn prop_of_a_remade_function<'a>(function: &'a Function, known: &[String]) -> Option<(&'a Prop, String)> {
    let [only] = known else { return None };
    if only != PROPS {
        return None;
    }
    let fields = names(taken_apart(function)?);
    function.args.props.iter().find_map(|prop| {
        let written =
            prop.passed.as_ref().map_or_else(|| prop.key.to_token_stream(), |passed| passed.to_token_stream());
        let field = fields.iter().find(|name| mentions(written.clone(), name))?;
        (!mentions(written, PROPS)).then(|| (prop, field.clone()))
    })
}

/// What stands in `let CounterProps { label, wide } = props;`
fn taken_apart(function: &Function) -> Option<TokenStream> {
    let props = format!("{}Props", function.ident.unraw());
    let body: Vec<TokenTree> = function.rest.clone().into_iter().collect();
    body.windows(3).find_map(|trees| match trees {
        [TokenTree::Ident(word), TokenTree::Ident(ty), TokenTree::Group(taken)] if word == "let" && *ty == props => {
            Some(taken.stream())
        }
        _ => None,
    })
}

fn names(tokens: TokenStream) -> Vec<String> {
    tokens.into_iter().filter(|tree| matches!(tree, TokenTree::Ident(_))).map(|name| name.to_string()).collect()
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
