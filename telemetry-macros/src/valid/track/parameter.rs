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
    let known: Vec<String> = known.iter().map(|name| name.unraw().to_string()).collect();
    if let Some(prop) = prop_of_a_remade_function(function, &known) {
        let attribute = function.track.attribute();
        let message = format!(
            "an attribute above has put the parameters into `{PROPS}`; \
             write `#[{attribute}]` above it: `#[{attribute}] #[component] fn {}`",
            function.ident
        );
        errors.at(prop.key.span(), message);
        return;
    }
    for Prop { key, .. } in function.args.props.iter().filter(|prop| prop.passed.is_none()) {
        let name = key.unraw().to_string();
        if !known.contains(&name) {
            let repair = repair(key, &name, &known);
            errors.at(key.span(), format!("`{name}` is no parameter of `{}`; {repair}", function.ident));
        }
    }
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

/// The first prop of a component whose parameters Leptos has put into `props`, where it names one of them.
fn prop_of_a_remade_function<'a>(function: &'a Function, known: &[String]) -> Option<&'a Prop> {
    let [only] = known else { return None };
    if only != PROPS {
        return None;
    }
    // `let CounterProps { label, wide } = props;`
    let mut trees = function.rest.clone().into_iter();
    let (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(ty)), Some(TokenTree::Group(taken))) =
        (trees.next(), trees.next(), trees.next())
    else {
        return None;
    };
    if word != "let" || ty != format!("{}Props", function.ident.unraw()) {
        return None;
    }
    function.args.props.iter().find(|prop| {
        let written =
            prop.passed.as_ref().map_or_else(|| prop.key.to_token_stream(), |passed| passed.to_token_stream());
        !mentions(written.clone(), PROPS) && names(taken.stream()).iter().any(|name| mentions(written.clone(), name))
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
