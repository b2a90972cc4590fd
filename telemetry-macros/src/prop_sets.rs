//! `prop_set!` and `props(..SET)`: props that several components share, declared once.
//!
//! An attribute cannot read what another item says, but a `macro_rules!` can add to what it is given. So a set becomes one, and an
//! attribute that names a set becomes a call of it, with its own arguments and item; what the set returns is the attribute again,
//! with `..{ the props of the set }` where the name was.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{
    Attribute, Path, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{
    ast::{Function, Track},
    attr::props,
    conditional::{self, PropList, is_comma},
    errors::Errors,
};

/// The `macro_rules!` of a set.
pub(crate) fn declare(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(Declared { attributes, visibility, name, list }) = errors.take(Declared::parse.parse2(input)) else {
        return errors.render();
    };
    if let Visibility::Public(public) = &visibility {
        errors.on(public, "a set of props is for one crate: write `pub(crate)`");
    }
    // Mistakes in a prop are told where the set stands, and once.
    let (props, mistakes) = errors.take(props.parse2(list.clone())).unwrap_or_default();
    let is_empty = props.is_empty() && mistakes.is_empty();
    errors.take(mistakes.into_result());
    if is_empty {
        errors
            .on(&name, format!("a set without props says nothing: `{name}: appearance, theme = appearance.is_some()`"));
    }
    // What stands in for a set with a mistake: where it is used, nobody is told that there is none.
    let (list, visibility) =
        if errors.is_empty() { (list, visibility) } else { (TokenStream::new(), Visibility::Inherited) };
    let errors = errors.render();
    let macro_name = format_ident!("__telemetry_prop_set_{}", name.unraw());
    quote! {
        #errors
        #[allow(unused_macros)]
        macro_rules! #macro_name {
            ([$($before:tt)*] [$($first:tt)*] [$($last:tt)*] [$($behind:tt)*] [$($track:tt)*] $($item:tt)*) => {
                #[$($track)* ($($before)* ($($first)* ..{ #list } $($last)*) $($behind)*)]
                $($item)*
            };
        }
        #(#attributes)*
        #[allow(unused_imports)]
        #visibility use #macro_name as #name;
    }
}

/// `/// … pub(crate) NAME: prop, key = expression`
struct Declared {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    list: TokenStream,
}

impl Declared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let wanted =
            "a set of props is written `prop_set! { pub(crate) APPEARANCE: appearance, theme = appearance.is_some() }`";
        let name = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), wanted))?;
        input.parse::<Token![:]>().map_err(|error| syn::Error::new(error.span(), wanted))?;
        Ok(Self { attributes, visibility, name, list: input.parse()? })
    }
}

/// The call of the first set that an attribute names; `None` if it names none.
pub(crate) fn ask(track: Track, args: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let list = PropList::find(args)?;
    let trees: Vec<TokenTree> = list.props().stream().into_iter().collect();
    let at = sets(&trees).find(|at| !matches!(trees.get(at + 2), Some(TokenTree::Group(_))))?;
    let (first, named) = trees.split_at(at);
    let end = named.iter().position(is_comma).unwrap_or(named.len());
    let path: TokenStream = named.iter().take(end).skip(2).cloned().collect();
    if syn::parse2::<Path>(path.clone()).is_err() {
        let dots = named.first().map_or_else(Span::call_site, TokenTree::span);
        let error = syn::Error::new(
            dots,
            "`..` is followed by the name of a set: `props(..APPEARANCE)`, declared by `prop_set!`",
        );
        let error = error.to_compile_error();
        return Some(quote!(#error #item));
    }
    let last = named.iter().skip(end);
    let (before, behind) = list.around();
    let without = list.with(first.iter().chain(last.clone().skip(1)).cloned().collect());
    let attribute = conditional::attribute(track, without);
    Some(quote! {
        #path! { [#before] [#(#first)*] [#(#last)*] [#behind] [#attribute] #item }
    })
}

/// The arguments with the props of each set in place of `..{ … }`. They are named as if they stood here: what a parameter is
/// called belongs to the function, and the set was written elsewhere. Where a macro of the author writes the function, it may have been given
/// the names of parameters: each is named where it stands.
pub(crate) fn answered(args: &TokenStream, item: &TokenStream) -> TokenStream {
    let Some(list) = PropList::find(args) else { return args.clone() };
    let trees: Vec<TokenTree> = list.props().stream().into_iter().collect();
    if sets(&trees).next().is_none() {
        return args.clone();
    }
    let function = item.clone().into_iter().find(|tree| matches!(tree, TokenTree::Ident(word) if word == "fn"));
    let here = function.map_or_else(Span::call_site, |function| function.span());
    let parameters = Function::parameters_of(item);
    let mut answered = Vec::new();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        match trees.get(at + 2) {
            Some(TokenTree::Group(set)) if is_set(&trees, at) => {
                answered.extend(named_as(set.stream(), here, &parameters));
                at += 3;
                // The set may have ended with a comma of its own.
                if answered.last().is_some_and(is_comma) && trees.get(at).is_some_and(is_comma) {
                    at += 1;
                }
            }
            _ => {
                answered.push(tree.clone());
                at += 1;
            }
        }
    }
    list.with(answered.into_iter().collect())
}

/// Where `..` stands in a list of props, outside of its expressions.
fn sets(trees: &[TokenTree]) -> impl Iterator<Item = usize> {
    (0..trees.len()).filter(|at| is_set(trees, *at))
}

/// Whether a prop begins here, and with `..`.
fn is_set(trees: &[TokenTree], at: usize) -> bool {
    let begins = at.checked_sub(1).is_none_or(|before| trees.get(before).is_some_and(is_comma));
    begins && trees.get(at).is_some_and(is_dot) && trees.get(at + 1).is_some_and(is_dot)
}

fn is_dot(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(dot) if dot.as_char() == '.')
}

/// The tokens with their places, named where the parameters are, and what is no parameter where `here` is.
fn named_as(tokens: TokenStream, here: Span, parameters: &[Ident]) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            let mut named = here;
            match &tree {
                TokenTree::Group(group) => {
                    let mut other = Group::new(group.delimiter(), named_as(group.stream(), here, parameters));
                    other.set_span(group.span());
                    tree = other.into();
                }
                TokenTree::Ident(ident) => {
                    let parameter = parameters.iter().find(|parameter| *parameter == ident);
                    named = parameter.map_or(here, Ident::span);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            tree.set_span(tree.span().resolved_at(named));
            tree
        })
        .collect()
}
