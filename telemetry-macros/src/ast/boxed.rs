//! Bodies that only make a future: what `#[async_trait]` makes of an `async fn`, and what people write by hand.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Puts `statement` to the start of a future, where it runs with the first poll as in an `async fn`; `None` if `body` is
/// anything but `Box::pin(async move { … })`, whatever path `Box` has.
pub(crate) fn in_future(body: &TokenStream, statement: &TokenStream) -> Option<TokenStream> {
    let mut trees: Vec<TokenTree> = body.clone().into_iter().collect();
    let arguments = group(trees.pop()?, Delimiter::Parenthesis)?;
    let path: String = trees.iter().map(ToString::to_string).collect();
    if path != "Box::pin" && !path.ends_with("::Box::pin") {
        return None;
    }
    if trees.iter().any(|tree| matches!(tree, TokenTree::Group(_) | TokenTree::Literal(_))) {
        return None;
    }
    let mut future: Vec<TokenTree> = arguments.stream().into_iter().collect();
    if matches!(future.last(), Some(TokenTree::Punct(comma)) if comma.as_char() == ',') {
        future.pop();
    }
    let block = group(future.pop()?, Delimiter::Brace)?;
    let words: Vec<String> = future.iter().map(ToString::to_string).collect();
    if !matches!(words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), ["async"] | ["async", "move"]) {
        return None;
    }
    future.push(with(&block, statement.clone().into_iter().chain(block.stream()).collect()));
    trees.push(with(&arguments, future.into_iter().collect()));
    Some(trees.into_iter().collect())
}

fn group(tree: TokenTree, delimiter: Delimiter) -> Option<Group> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The same group with another content.
fn with(group: &Group, content: TokenStream) -> TokenTree {
    let mut other = Group::new(group.delimiter(), content);
    other.set_span(group.span());
    other.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn a03_a_body_that_makes_a_future_runs_the_statement_with_the_first_poll() {
        let statement = quote!(record(););
        for (body, expected) in [
            (
                quote!(Box::pin(async move { x.await })),
                quote!(Box::pin(async move {
                    record();
                    x.await
                })),
            ),
            (
                quote!(::std::boxed::Box::pin(async { 1 },)),
                quote!(::std::boxed::Box::pin(async {
                    record();
                    1
                })),
            ),
        ] {
            assert_eq!(in_future(&body, &statement).map(|body| body.to_string()), Some(expected.to_string()));
        }
        for other in [
            quote!(let x = 1; Box::pin(async move { x })),
            quote!(Box::pin(future)),
            quote!(Box::new(async move { 1 })),
            quote!(NotABox::pin(async move { 1 })),
            quote!(Box::pin(async move { 1 }).await),
            quote!(f(1); Box::pin(async move { 1 })),
            quote!(1),
            quote!(),
        ] {
            assert!(in_future(&other, &statement).is_none(), "{other}");
        }
    }
}
