//! The attribute grammar: words, each at most once, with `=`, `:` or `(…)` after them.
//!
//! A mistake in one word does not hide those in the next: parsing goes on behind the next comma.

mod common;
mod event;
mod field;
mod group;
mod sdk;
mod track;
mod value;

pub(crate) use common::{Common, Throttle};
pub(crate) use event::{EventArgs, EventHelper, EventKind};
pub(crate) use field::{FieldArgs, Packages, Sensitivity};
pub(crate) use sdk::{Append, Environment, Exit, Notice, On, Role, SdkArgs, Wire};
pub(crate) use track::{Prop, TrackArgs};
pub(crate) use value::{TypeArgs, VariantArgs};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::errors::Errors;

/// The one helper attribute.
pub(crate) const TELEMETRY: &str = "telemetry";
/// The word inside it that carries the arguments of `#[telemetry_event]` to the derive.
pub(crate) const EVENT: &str = "event";

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// What is wrong with one word.
pub(crate) enum Fault {
    /// It is not written like its example.
    Form(syn::Error),
    /// It has a message of its own.
    Own(syn::Error),
}

impl From<syn::Error> for Fault {
    fn from(error: syn::Error) -> Self {
        Self::Form(error)
    }
}

/// A set of words that may stand in one place.
pub(crate) trait Words {
    /// Each word with an example of how it is written.
    const KNOWN: &'static [(&'static str, &'static str)];

    /// Words of the design that this version does not have yet.
    const LATER: &'static [&'static str] = &[];

    /// Reads what follows the known `word`.
    fn word(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault>;
}

/// Reads `tokens` as words into `words`; `seen` remembers words over several attributes of one node.
pub(crate) fn parse<W: Words>(tokens: TokenStream, words: &mut W, seen: &mut Vec<String>, errors: &mut Errors) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            parse_word(input, words, seen, errors);
            if !input.is_empty() && !input.peek(Token![,]) {
                errors.add(input.error("expected `,`"));
                skip_to_comma(input);
            }
            let _: Option<Token![,]> = input.parse()?;
        }
        Ok(())
    };
    let result = parser.parse2(tokens);
    // What is left in a group after a mistake is no second mistake.
    if errors.is_empty() {
        errors.take(result);
    }
}

fn parse_word<W: Words>(input: ParseStream<'_>, words: &mut W, seen: &mut Vec<String>, errors: &mut Errors) {
    let Some(word) = errors.take(input.call(Ident::parse_any)) else {
        return skip_to_comma(input);
    };
    let name = word.to_string();
    if W::LATER.contains(&name.as_str()) {
        errors.at(word.span(), format!("`{name}` is not available in this version; remove it"));
        return skip_to_comma(input);
    }
    let Some((_, example)) = W::KNOWN.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = W::KNOWN.iter().map(|(known, _)| *known).filter(|known| *known != EVENT).collect();
        let message = match known.as_slice() {
            [] => format!("`{name}` belongs into `#[telemetry_event(…)]`, or onto a field"),
            known => format!("unknown word `{name}`; known words: {}", known.join(", ")),
        };
        errors.at(word.span(), message);
        return skip_to_comma(input);
    };
    if seen.contains(&name) {
        errors.at(word.span(), format!("`{name}` stands here twice"));
        return skip_to_comma(input);
    }
    let has_value = has_value(input);
    match words.word(&word, input, errors) {
        Ok(()) => {}
        Err(Fault::Own(error)) => {
            errors.add(error);
            skip_to_comma(input);
        }
        Err(Fault::Form(error)) => {
            let span = if has_value { error.span() } else { word.span() };
            errors.at(span, format!("`{name}` is written `{example}`"));
            skip_to_comma(input);
        }
    }
    seen.push(name);
}

/// Says whether anything stands after a word and its `=` or `:`.
fn has_value(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.peek(Token![=]) || ahead.peek(Token![:]) {
        let _ = ahead.parse::<TokenTree>();
    }
    !ahead.is_empty() && !ahead.peek(Token![,])
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Reads the `#[telemetry(…)]` attributes of one node.
pub(crate) fn parse_helpers<W: Words>(attributes: &[Attribute], words: &mut W, errors: &mut Errors) {
    let mut seen = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(TELEMETRY)) {
        match attribute.meta.require_list() {
            Ok(list) => parse(list.tokens.clone(), words, &mut seen, errors),
            Err(_) => errors.on(attribute, "`#[telemetry]` is written `#[telemetry(word = value, …)]`"),
        }
    }
}

/// `= "text"`
fn text(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `= path`, or `= "path"` as serde writes it.
fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![=]>()?;
    path_value(input)
}

fn path_value(input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(LitStr) {
        return input.parse::<LitStr>()?.parse_with(Path::parse_mod_style);
    }
    input.call(Path::parse_mod_style)
}

/// One of a few words: `Daily`.
fn choice<T: Copy>(input: ParseStream<'_>, what: &str, known: &[(&str, T)]) -> Result<At<T>, Fault> {
    let word = input.call(Ident::parse_any)?;
    choose(&word, what, known).map_err(Fault::Own)
}

fn choose<T: Copy>(word: &Ident, what: &str, known: &[(&str, T)]) -> syn::Result<At<T>> {
    match known.iter().find(|(name, _)| word == name) {
        Some((_, value)) => Ok(At { value: *value, span: word.span() }),
        None => {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            Err(syn::Error::new(word.span(), format!("unknown {what} `{word}`; known: {}", names.join(", "))))
        }
    }
}
