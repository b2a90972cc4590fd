//! Fragments of a `macro_rules!`, made ordinary tokens.
//!
//! What a `macro_rules!` passes on as `$x:expr`, `$t:ty` or `$b:block` arrives in a group without delimiters, which holds an
//! expression together: in `!$x` it is all of `$x` that is negated. The compiler drops such groups from what a procedural macro
//! returns, and `!$x` would mean something else. So every group becomes parentheses where they make a difference, and nothing
//! where they do not; then the rest of this crate, and the compiler, see what the author would have written.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::{Expr, ExprUnary, Type, UnOp};

/// `tokens` without groups that have no delimiters.
pub(crate) fn resolved(tokens: TokenStream) -> TokenStream {
    if has_any(&tokens) { resolved_in(tokens, true) } else { tokens }
}

/// The braces of an item itself are no part of an expression, and keep their place.
fn resolved_in(tokens: TokenStream, is_item: bool) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut resolved_trees = Vec::with_capacity(trees.len());
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            resolved_trees.push(tree.clone());
            continue;
        };
        let content = resolved_in(group.stream(), false);
        if group.delimiter() != Delimiter::None {
            resolved_trees.push(group_of(group.delimiter(), content, group.span()));
        } else if needs_parentheses(
            &content,
            trees.get(..at).unwrap_or_default(),
            trees.get(at + 1..).unwrap_or_default(),
        ) {
            let span = group.span().resolved_at(Span::mixed_site());
            resolved_trees.push(group_of(Delimiter::Parenthesis, content, span));
        } else if is_item {
            resolved_trees.extend(content);
        } else {
            resolved_trees.extend(beyond_lints(content));
        }
    }
    resolved_trees.into_iter().collect()
}

/// A block, beyond the reach of the lint that finds the braces of one expression unnecessary: in a fragment it leaves them alone.
fn beyond_lints(content: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = content.into_iter().collect();
    if let [TokenTree::Group(block)] = trees.as_mut_slice()
        && block.delimiter() == Delimiter::Brace
    {
        block.set_span(block.span().resolved_at(Span::mixed_site()));
    }
    trees.into_iter().collect()
}

fn group_of(delimiter: Delimiter, content: TokenStream, span: Span) -> TokenTree {
    let mut group = Group::new(delimiter, content);
    group.set_span(span);
    group.into()
}

fn has_any(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::None || has_any(&group.stream()),
        _ => false,
    })
}

/// Says whether `content` would mean something else without a border between what stands `before` and `behind` it.
fn needs_parentheses(content: &TokenStream, before: &[TokenTree], behind: &[TokenTree]) -> bool {
    if content.clone().into_iter().nth(1).is_none() || (starts_here(before) && ends_here(behind)) {
        return false;
    }
    match syn::parse2::<Expr>(content.clone()) {
        Ok(Expr::Path(_) | Expr::Lit(_) | Expr::Paren(_) | Expr::Macro(_) | Expr::Let(_)) => false,
        // A negative number may be the end of a range in a pattern, where parentheses are no number.
        Ok(Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. })) if matches!(*expr, Expr::Lit(_)) => is_called(behind),
        Ok(_) => true,
        Err(_) => {
            matches!(
                syn::parse2::<Type>(content.clone()),
                Ok(Type::TraitObject(object)) if object.bounds.len() > 1
            ) || matches!(
                syn::parse2::<Type>(content.clone()),
                Ok(Type::ImplTrait(object)) if object.bounds.len() > 1
            )
        }
    }
}

/// Nothing before, or what cannot bind: `,`, `;`, a single `:` or a single `=`.
fn starts_here(before: &[TokenTree]) -> bool {
    let joint = |tree: Option<&TokenTree>| is_punct(tree, |punct| punct.spacing() == Spacing::Joint);
    match before {
        [] => true,
        [rest @ .., last] => is_punct(Some(last), |punct| {
            matches!(punct.as_char(), ',' | ';') || (matches!(punct.as_char(), ':' | '=') && !joint(rest.last()))
        }),
    }
}

/// Nothing behind, or `,` or `;`.
fn ends_here(behind: &[TokenTree]) -> bool {
    behind.is_empty() || is_punct(behind.first(), |punct| matches!(punct.as_char(), ',' | ';'))
}

/// A method, a field or `?` of what stands before.
fn is_called(behind: &[TokenTree]) -> bool {
    is_punct(behind.first(), |punct| match punct.as_char() {
        '.' => punct.spacing() == Spacing::Alone,
        char => char == '?',
    })
}

fn is_punct(tree: Option<&TokenTree>, is: impl Fn(&Punct) -> bool) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if is(punct))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// A fragment as the compiler passes it on.
    fn fragment(content: TokenStream) -> TokenTree {
        Group::new(Delimiter::None, content).into()
    }

    #[test]
    fn a01_a_fragment_keeps_its_borders_where_they_mean_something() {
        let (or, number, minus) = (fragment(quote!(a || b)), fragment(quote!(7)), fragment(quote!(-7)));
        let (path, closure) = (fragment(quote!(a::b::<C>)), fragment(quote!(|x| x)));
        let (block, ty, nothing) = (fragment(quote!({ 1 })), fragment(quote!(dyn A + B)), fragment(quote!()));
        let (range, nested) = (fragment(quote!(0..=5)), fragment(TokenStream::from(fragment(quote!(a + b)))));
        for (given, expected) in [
            (quote!(!#or), quote!(!(a || b))),
            (quote!(x = #or, #or), quote!(x = a || b, a || b)),
            (quote!(x == #or), quote!(x == (a || b))),
            (quote!(f(#or) + [#or; 3].len()), quote!(f(a || b) + [a || b; 3].len())),
            (quote!(if #or {}), quote!(if (a || b) {})),
            (quote!(#number + #path + #minus), quote!(7 + a::b::<C> + -7)),
            (quote!(#minus.abs() #minus..=#number), quote!((-7).abs() - 7..=7)),
            (quote!(#closure(1)), quote!((|x| x)(1))),
            (
                quote!(fn f() #block),
                quote!(
                    fn f() {
                        1
                    }
                ),
            ),
            (quote!(fn f(x: &#ty, y: #ty)), quote!(fn f(x: &(dyn A + B), y: dyn A + B))),
            (quote!(#nothing fn f()), quote!(fn f())),
            (quote!(range = #range), quote!(range = 0..=5)),
            (quote!(#range.len() * #nested), quote!((0..=5).len() * (a + b))),
            (
                quote!({ let x = #nested; [#or] }),
                quote!({
                    let x = a + b;
                    [a || b]
                }),
            ),
        ] {
            assert_eq!(resolved(given).to_string(), expected.to_string());
        }
    }
}
