use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{
    Attribute, FnArg, Generics, Pat, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
};

use super::Doc;
use crate::{attr::TrackArgs, case::Case, errors::Errors, location};

/// Which of the two attributes stands on a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Track {
    Mount,
    Call,
}

impl Track {
    /// The name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Mount => "track_mount",
            Self::Call => "track_call",
        }
    }

    /// The key of the first field.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Mount => "component",
            Self::Call => "method",
        }
    }
}

/// A function with `#[track_mount]` or `#[track_call]`. Its body stays as it is, token by token.
pub(crate) struct Function {
    pub(crate) track: Track,
    pub(crate) args: TrackArgs,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) constness: Option<Span>,
    pub(crate) ident: Ident,
    pub(crate) parameters: Vec<Ident>,
    pub(crate) doc: Doc,
    pub(crate) at: String,
    /// Everything before the body.
    pub(crate) head: Vec<TokenTree>,
    /// The inner attributes, which must stay first in the body.
    pub(crate) inner: TokenStream,
    /// The rest of the body.
    pub(crate) rest: TokenStream,
    /// The braces.
    pub(crate) body: Group,
}

/// The words that may stand between the visibility and `fn`.
const MODIFIERS: [&str; 7] = ["default", "const", "async", "gen", "unsafe", "safe", "extern"];

impl Function {
    /// The component or method that the event is about.
    pub(crate) fn discriminant(&self) -> String {
        let name = self.ident.unraw().to_string();
        match (&self.args.discriminant, self.track) {
            (Some(name), _) => name.value(),
            (None, Track::Mount) => Case::Pascal.spell(&name),
            (None, Track::Call) => name,
        }
    }

    /// Whether the attribute stands on a closure.
    pub(crate) fn is_closure(item: &TokenStream) -> bool {
        let words = ["move", "async", "static"];
        let first = item.clone().into_iter().find(|tree| !words.iter().any(|word| tree.to_string() == *word));
        matches!(first, Some(TokenTree::Punct(punct)) if punct.as_char() == '|')
    }

    /// Reads the attribute and its item, with a message of its own for everything that is no function with a body.
    pub(crate) fn parse(track: Track, args: TokenStream, item: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let args = match track {
            Track::Mount => TrackArgs::of_mount(args, errors),
            Track::Call => TrackArgs::of_call(args, errors),
        };
        let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
        let last = head.pop();
        let signature = head.iter().chain(&last).cloned().collect();
        let parser = |input: ParseStream<'_>| Signature::parse(input, track);
        let Signature { attributes, constness, ident, parameters } = errors.take(parser.parse2(signature))?;
        let body = match last {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            _ => {
                let attribute = track.attribute();
                let message = format!(
                    "`#[{attribute}]` records when a body runs, and this function has none; \
                     put `#[{attribute}]` on it where it has a body, in each `impl`"
                );
                errors.at(ident.span(), message);
                return None;
            }
        };
        let (inner, rest) = split_inner_attributes(body.stream());
        let (doc, at) = (Doc::of_function(&attributes), location::of(ident.span()));
        Some(Self { track, args, attributes, constness, ident, parameters, doc, at, head, inner, rest, body })
    }
}

/// The part of a signature that matters here.
struct Signature {
    attributes: Vec<Attribute>,
    constness: Option<Span>,
    ident: Ident,
    parameters: Vec<Ident>,
}

impl Signature {
    fn parse(input: ParseStream<'_>, track: Track) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let _: Visibility = input.parse()?;
        let mut constness = None;
        while !input.peek(Token![fn]) {
            if input.peek(syn::Lit) {
                input.parse::<syn::Lit>()?; // The name of an ABI.
                continue;
            }
            let span = input.span();
            let no_function = || {
                syn::Error::new(
                    span,
                    format!("`#[{0}]` goes on a function: `#[{0}] fn open() {{ … }}`", track.attribute()),
                )
            };
            let word = input.call(Ident::parse_any).map_err(|_| no_function())?;
            if !MODIFIERS.iter().any(|modifier| word == modifier) {
                return Err(no_function());
            }
            if word == "const" {
                constness = Some(word.span());
            }
        }
        input.parse::<Token![fn]>()?;
        let ident = input.call(Ident::parse_any)?;
        input.parse::<Generics>()?;
        // Parameters in a form that is not known here are none: the compiler will speak of them.
        let inputs = input.parse::<Group>()?.stream();
        let inputs = Punctuated::<FnArg, Token![,]>::parse_terminated.parse2(inputs).unwrap_or_default();
        let mut parameters = Vec::new();
        for input in &inputs {
            if let FnArg::Typed(typed) = input {
                names(&typed.pat, &mut parameters);
            }
        }
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, constness, ident, parameters })
    }
}

/// The names that a parameter's pattern binds.
fn names(pattern: &Pat, found: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(ident) => found.push(ident.ident.clone()),
        Pat::Paren(paren) => names(&paren.pat, found),
        Pat::Reference(reference) => names(&reference.pat, found),
        Pat::Type(typed) => names(&typed.pat, found),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|pattern| names(pattern, found)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pattern| names(pattern, found)),
        Pat::Slice(slice) => slice.elems.iter().for_each(|pattern| names(pattern, found)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| names(&field.pat, found)),
        _ => {}
    }
}

/// Splits a body behind its `#![…]`.
fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let trees: Vec<TokenTree> = body.into_iter().collect();
    let is = |at: usize, char: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    let mut end = 0;
    while is(end, '#') && is(end + 1, '!') {
        end += 3;
    }
    let mut inner = trees;
    let rest = inner.split_off(end.min(inner.len()));
    (inner.into_iter().collect(), rest.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn inner_attributes_stay_first() {
        let (inner, rest) = split_inner_attributes(quote!(#![allow(unused)] #![doc = "x"] #[cfg(a)] let x = 1;));
        assert_eq!(inner.to_string(), quote!(#![allow(unused)] #![doc = "x"]).to_string());
        assert_eq!(rest.to_string(), quote!(#[cfg(a)] let x = 1;).to_string());
    }

    #[test]
    fn every_flavour_of_function_is_read() {
        for item in [
            quote!(
                fn f() {}
            ),
            quote!(
                pub(crate) async unsafe extern "C" fn f<T, const N: usize>(x: [T; N]) -> impl Sized
                where
                    T: Copy,
                {
                }
            ),
            quote!(default fn f(&mut self) -> ! { loop {} }),
            quote!(
                #[inline]
                pub const fn f() -> fn() {
                    || {}
                }
            ),
        ] {
            let mut errors = Errors::default();
            let function = Function::parse(Track::Call, TokenStream::new(), &item, &mut errors);
            assert_eq!(function.map(|function| function.ident.to_string()).as_deref(), Some("f"));
            assert!(errors.is_empty());
        }
    }

    #[test]
    fn parameters_are_the_names_of_all_patterns() {
        let item = quote!(
            fn f<F: Fn(u8)>(&self, a: u8, (b, ref c): (u8, u8), P { d, e: Some(g), .. }: P, _: F) {}
        );
        let function = Function::parse(Track::Call, TokenStream::new(), &item, &mut Errors::default());
        let names: String = function.into_iter().flat_map(|f| f.parameters).map(|name| name.to_string()).collect();
        assert_eq!(names, "abcdg");
    }

    #[test]
    fn other_items_are_no_functions() {
        for (item, message) in [
            (
                quote!(
                    struct X {}
                ),
                "`#[track_call]` goes on a function: `#[track_call] fn open() { … }`",
            ),
            (quote!(impl Trait for fn() {}), "`#[track_call]` goes on a function: `#[track_call] fn open() { … }`"),
            (
                quote!(
                    type X = fn();
                ),
                "`#[track_call]` goes on a function: `#[track_call] fn open() { … }`",
            ),
            (
                quote!(
                    fn f();
                ),
                "`#[track_call]` records when a body runs, and this function has none; put `#[track_call]` on it where it has a body, in each `impl`",
            ),
        ] {
            let mut errors = Errors::default();
            assert!(Function::parse(Track::Call, TokenStream::new(), &item, &mut errors).is_none());
            assert_eq!(errors.messages(), [message]);
        }
    }
}
