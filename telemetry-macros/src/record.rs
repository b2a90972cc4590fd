//! `record!`: one expression, evaluated in a closure, with a word of its own for what cannot stand in one.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::{
    errors::Errors,
    leaves::{self, is},
};

/// The call that records, or the mistakes; `input` is the runtime's `($crate)` and the expression.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input = input.into_iter();
    let Some(TokenTree::Group(runtime)) = input.next() else { return TokenStream::new() };
    let runtime = runtime.stream();
    let mut event: Vec<TokenTree> = input.collect();
    // `let _ = event,;` is no statement.
    if event.last().is_some_and(|last| is(last, ',')) {
        event.pop();
    }
    let mut errors = Errors::default();
    check(&event, &mut errors);
    if !errors.is_empty() {
        let errors = errors.render();
        return quote_spanned!(Span::mixed_site()=> { #errors });
    }
    // What the compiler says of the event, it says at its name.
    let first = event.first().map_or_else(Span::mixed_site, TokenTree::span);
    let runtime: TokenStream = runtime.into_iter().map(|tree| located(tree, first)).collect();
    let event: TokenStream = event.into_iter().collect();
    quote_spanned! {Span::mixed_site().located_at(first)=>
        #runtime::__private::choose! {
            { #runtime::record_with(|| #event) }
            { if false { let _ = #event; } }
        }
    }
}

/// The same token, shown at another place.
fn located(mut tree: TokenTree, place: Span) -> TokenTree {
    tree.set_span(tree.span().located_at(place));
    tree
}

fn check(event: &[TokenTree], errors: &mut Errors) {
    let Some(first) = event.first() else {
        return errors
            .at(Span::call_site(), "`record!` takes an event: `record!(Opened { dialog: Dialog::Settings })`");
    };
    if let TokenTree::Literal(_) = first {
        let message = "an event is a struct with `#[telemetry_event]`, not a name: `record!(Opened { first: true })`";
        return errors.at(first.span(), message);
    }
    if is(first, '&') && event.len() > 1 && !matches!(event.get(1), Some(tree) if is(tree, '&')) {
        return errors.at(first.span(), "`record!` takes an event by value; remove `&`, or write `.clone()`");
    }
    if let Some(comma) = event.iter().position(|tree| is(tree, ',')) {
        let second = event.get(comma + 1).unwrap_or(&event[comma]);
        return errors.at(second.span(), "`record!` takes one event; write `record!(…);` for each");
    }
    leaves::check(event, &leaving, errors);
}

/// What is said of what would leave the function.
fn leaving(what: &str) -> String {
    let before = match what {
        "?" => "let value = …?;",
        ".await" => "let value = ….await;",
        word => {
            return format!(
                "`{word}` cannot leave the function from inside `record!`, which may not evaluate this at all; \
                 decide before it: `if … {{ {word}; }}`"
            );
        }
    };
    format!(
        "`{what}` cannot leave the function from inside `record!`, which may not evaluate this at all; \
         take the value before it: `{before}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn messages(event: TokenStream) -> Vec<String> {
        let mut errors = Errors::default();
        check(&event.into_iter().collect::<Vec<_>>(), &mut errors);
        errors.messages()
    }

    #[test]
    fn what_leaves_the_function_is_found() {
        for (event, start) in [
            (quote!(A { b: f()? }), "`?` cannot leave"),
            (quote!(A { b: c.d?.e }), "`?` cannot leave"),
            (quote!(A { b: (g(h[0]?)) }), "`?` cannot leave"),
            (quote!(make().await), "`.await` cannot leave"),
            (
                quote!(A {
                    b: match c {
                        Some(d) => d,
                        None => return,
                    }
                }),
                "`return` cannot leave",
            ),
            (quote!(A { b: if c { true } else { continue } }), "`continue` cannot leave"),
            (quote!(A { b: if c { true } else { break 'outer } }), "`break` cannot leave"),
            (quote!(A { b: x.map(|y| y + 1), c: d()? }), "`?` cannot leave"),
        ] {
            let shown = event.to_string();
            let messages = messages(event);
            assert!(messages.len() == 1 && messages[0].starts_with(start), "{shown}: {messages:?}");
        }
    }

    #[test]
    fn what_stays_inside_is_left_alone() {
        for event in [
            quote!(A { b: true }),
            quote!(A { b: (|| -> Option<bool> { Some(x()?.y) })().is_some() }),
            quote!(A {
                b: list.iter().any(|item| {
                    if *item {
                        return true;
                    }
                    false
                })
            }),
            quote!(A { b: block_on(async { f().await }) }),
            quote!(A {
                b: loop {
                    break true;
                }
            }),
            quote!(A {
                b: 'found: {
                    if c {
                        break 'found true;
                    }
                    false
                }
            }),
            quote!(A { b: for_each::<dyn Fn() + ?Sized>(x) }),
            quote!(A { b: matches!(x, Some(y) if y?) }),
            quote!(A { b: c || d, e: c | d }),
            quote!(A { awaited: return_value, r#await: true }),
            quote!({
                fn f() -> Option<u8> {
                    None?;
                    None
                }
                A { b: f().is_some() }
            }),
        ] {
            let shown = event.to_string();
            assert_eq!(messages(event), [""; 0], "{shown}");
        }
    }
}
