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
    /// What a prop without an expression can be: a parameter, `self` or a generic constant. `None` where a pattern hides its names.
    pub(crate) known: Option<Vec<Ident>>,
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

    /// The parameters of a function, and `self`; none where the item cannot be read, which is told by `parse`.
    pub(crate) fn parameters_of(item: &TokenStream) -> Vec<Ident> {
        let parser = |input: ParseStream<'_>| Signature::parse(input, Track::Mount);
        let Ok(Signature { parameters, receiver, .. }) = parser.parse2(item.clone()) else { return Vec::new() };
        parameters.into_iter().chain(receiver).collect()
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
        let Signature { attributes, constness, ident, parameters, known, receiver: _ } =
            errors.take(parser.parse2(signature))?;
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
        Some(Self { track, args, attributes, constness, ident, parameters, known, doc, at, head, inner, rest, body })
    }
}

/// The part of a signature that matters here.
struct Signature {
    attributes: Vec<Attribute>,
    constness: Option<Span>,
    ident: Ident,
    parameters: Vec<Ident>,
    known: Option<Vec<Ident>>,
    receiver: Option<Ident>,
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
        let generics: Generics = input.parse()?;
        // Parameters in a form that is not known here are none: the compiler will speak of them.
        let inputs = input.parse::<Group>()?.stream();
        let inputs = Punctuated::<FnArg, Token![,]>::parse_terminated.parse2(inputs);
        let mut all_known = inputs.is_ok();
        let (mut parameters, mut receiver) = (Vec::new(), None);
        for input in &inputs.unwrap_or_default() {
            match input {
                FnArg::Typed(typed) => all_known &= names(&typed.pat, &mut parameters),
                FnArg::Receiver(itself) => receiver = Some(Ident::from(itself.self_token)),
            }
        }
        let constants = generics.const_params().map(|constant| constant.ident.clone());
        let known = all_known.then(|| parameters.iter().cloned().chain(receiver.clone()).chain(constants).collect());
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, constness, ident, parameters, known, receiver })
    }
}

/// Finds the names that a parameter's pattern binds; says whether these are all.
fn names(pattern: &Pat, found: &mut Vec<Ident>) -> bool {
    match pattern {
        Pat::Ident(ident) => {
            found.push(ident.ident.clone());
            ident.subpat.as_ref().is_none_or(|(_, pattern)| names(pattern, found))
        }
        Pat::Paren(paren) => names(&paren.pat, found),
        Pat::Reference(reference) => names(&reference.pat, found),
        Pat::Type(typed) => names(&typed.pat, found),
        Pat::Tuple(tuple) => names_of_all(&tuple.elems, found),
        Pat::TupleStruct(tuple) => names_of_all(&tuple.elems, found),
        Pat::Slice(slice) => names_of_all(&slice.elems, found),
        Pat::Struct(fields) => names_of_all(fields.fields.iter().map(|field| &*field.pat), found),
        // Each case binds the same names.
        Pat::Or(cases) => cases.cases.first().is_none_or(|case| names(case, found)),
        Pat::Const(_) | Pat::Lit(_) | Pat::Path(_) | Pat::Range(_) | Pat::Rest(_) | Pat::Wild(_) => true,
        _ => false,
    }
}

fn names_of_all<'a>(patterns: impl IntoIterator<Item = &'a Pat>, found: &mut Vec<Ident>) -> bool {
    let mut all = true;
    for pattern in patterns {
        all &= names(pattern, found);
    }
    all
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
            fn f<F: Fn(u8), const N: u8>(
                &self,
                a: u8,
                (b, ref c): (u8, u8),
                P { d, e: Some(g), .. }: P,
                _: F,
                h @ (A(i) | B(i)): E,
            ) {
            }
        );
        let names = |names: Vec<Ident>| names.iter().map(ToString::to_string).collect::<String>();
        let function = Function::parse(Track::Call, TokenStream::new(), &item, &mut Errors::default()).unwrap();
        assert_eq!(names(function.parameters), "abcdghi");
        assert_eq!(function.known.map(names).as_deref(), Some("abcdghiselfN"));

        let item = quote!(
            fn f(a: u8, pattern!(b): u8) {}
        );
        let function = Function::parse(Track::Call, TokenStream::new(), &item, &mut Errors::default()).unwrap();
        assert_eq!(names(function.parameters), "a");
        assert!(function.known.is_none());
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
