//! The attribute grammar: words, each at most once, with `=`, `:` or `(…)` after them.
//!
//! A mistake in one word does not hide those in the next: parsing goes on behind the next comma.

mod clap;
mod command;
mod common;
mod event;
mod field;
mod form;
mod group;
mod sdk;
mod track;
mod value;
mod wire;

pub(crate) use clap::{Clap, Name};
pub(crate) use command::{CommandArgs, CommandEvent, SubcommandArgs};
pub(crate) use common::{Common, LONGEST_THROTTLE, Level, Throttle};
pub(crate) use event::{EventArgs, EventHelper, EventKind};
pub(crate) use field::{FieldArgs, Packages, Sensitivity};
pub(crate) use sdk::{Environment, Exit, Identity, Instance, Notice, On, Role, SdkArgs, WriteOn};
pub(crate) use track::{Prop, TrackArgs, props};
pub(crate) use value::{TypeArgs, VariantArgs};
pub(crate) use wire::{CONTENT_ENCODING, Named, RESERVED, Wire, is_installation_key, is_instance_key, is_reserved};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{errors::Errors, near};

/// The one helper attribute.
pub(crate) const TELEMETRY: &str = "telemetry";
/// The word inside it that carries the arguments of `#[telemetry_event]` to the derive.
pub(crate) const EVENT: &str = "event";
/// The key of a counter's last field, as `telemetry_schema::COUNT` has it.
pub(crate) const COUNT: &str = "count";

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
    /// Text stands where a word belongs: where, and the word that was probably meant, or all of them.
    Quoted(Span, Vec<String>),
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

    /// Where a word belongs that does not stand here.
    fn elsewhere(_word: &str) -> Option<String> {
        None
    }

    /// Reads what follows the known `word`.
    fn word(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault>;
}

/// Reads `tokens` as words into `words`; `seen` remembers words over several attributes of one node.
pub(crate) fn parse<W: Words>(tokens: TokenStream, words: &mut W, seen: &mut Vec<String>, errors: &mut Errors) {
    // A misspelt word is not missing as well.
    let mut meant = Vec::new();
    let before = errors.count();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let word = parse_word(input, words, seen, &mut meant, errors);
            if !input.is_empty() && !input.peek(Token![,]) {
                if comes_next::<W>(input) {
                    errors.add(input.error(format!("expected `,` before `{}`", input.fork().call(Ident::parse_any)?)));
                    continue;
                }
                if let Ok(Some(semicolon)) = input.parse::<Option<Token![;]>>() {
                    errors.at(semicolon.span, "words are separated by `,`, not by `;`");
                    continue;
                }
                let example = word.and_then(|word| example::<W>(&word).map(|example| (word, example)));
                errors.add(input.error(match example {
                    Some((word, example)) => format!("`{word}` is written `{example}`"),
                    None => "expected `,`".to_owned(),
                }));
                skip_to_comma(input);
            }
            let _: Option<Token![,]> = input.parse()?;
        }
        Ok(())
    };
    let result = parser.parse2(tokens);
    seen.append(&mut meant);
    // What is left in a group after a mistake is no second mistake.
    if errors.count() == before {
        errors.take(result);
    }
}

fn example<W: Words>(word: &str) -> Option<&'static str> {
    W::KNOWN.iter().find(|(known, _)| *known == word).map(|(_, example)| *example)
}

/// Whether the next word starts here, so that only a comma is missing.
fn comes_next<W: Words>(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Ident::parse_any).is_ok_and(|word| example::<W>(&word.to_string()).is_some())
}

/// Reads one word and its value; the word, if it is a known one.
fn parse_word<W: Words>(
    input: ParseStream<'_>,
    words: &mut W,
    seen: &mut Vec<String>,
    meant: &mut Vec<String>,
    errors: &mut Errors,
) -> Option<String> {
    let Ok(word) = input.call(Ident::parse_any) else {
        errors.add(input.error(no_word::<W>(input)));
        meant.extend(input.fork().parse::<LitStr>().map(|text| text.value()));
        skip_to_comma(input);
        return None;
    };
    let name = word.to_string();
    let Some(example) = example::<W>(&name) else {
        let known = W::KNOWN.iter().map(|(known, _)| *known).filter(|known| *known != EVENT);
        let closest = near::closest(&name, known.clone());
        let message = match (W::elsewhere(&name), closest.and_then(self::example::<W>)) {
            (Some(elsewhere), _) => elsewhere,
            (None, Some(example)) => format!("unknown word `{name}`; did you mean `{example}`?"),
            (None, None) => format!("unknown word `{name}`; known words: {}", listed(known)),
        };
        meant.extend(closest.map(str::to_owned));
        errors.at(word.span(), message);
        skip_to_comma(input);
        return None;
    };
    if seen.contains(&name) {
        errors.at(word.span(), format!("duplicate `{name}`; remove one of them"));
        skip_to_comma(input);
        return None;
    }
    let value = value(input);
    let fault = words.word(&word, input, errors).err();
    seen.push(name.clone());
    match fault {
        None => return Some(name),
        Some(Fault::Own(error)) => errors.add(error),
        Some(Fault::Quoted(span, instead)) => {
            errors.at(span, form::quoted(&name, example, &instead));
        }
        Some(Fault::Form(error)) => {
            let ended = input.is_empty() || input.peek(Token![,]);
            // Where the value ends too early, its end is what is wrong, and not the comma behind it.
            let span = match value.last() {
                None => word.span(),
                Some(TokenTree::Group(_)) => error.span(),
                Some(last) if ended => last.span(),
                Some(_) => error.span(),
            };
            errors.at(span, form::message(&name, example, &value));
        }
    }
    skip_to_comma(input);
    None
}

/// What is said where a word should stand.
fn no_word<W: Words>(input: ParseStream<'_>) -> String {
    let first = W::KNOWN.first().map_or("", |(_, example)| *example);
    if input.peek(Token![..]) && example::<W>("props").is_some() {
        return "a set of props stands among the props: `props(..APPEARANCE)`".to_owned();
    }
    match input.fork().parse::<LitStr>() {
        Ok(text) => match example::<W>(&text.value()) {
            Some(example) => format!("words take no quotes: `{example}`"),
            None => format!("expected a word and its value: `{first}`"),
        },
        Err(_) => format!("expected a word, such as in `{first}`"),
    }
}

/// What is said of a word that belongs onto a field.
fn on_a_field(word: &str) -> Option<String> {
    let known = example::<FieldArgs>(word)?;
    Some(format!("`{word}` belongs on a field: `#[telemetry({known})]`"))
}

/// Words as a message lists them.
pub(crate) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Everything between a word and the next comma.
fn value(input: ParseStream<'_>) -> Vec<TokenTree> {
    let ahead = input.fork();
    let mut value = Vec::new();
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        let Ok(tree) = ahead.parse() else { break };
        value.push(tree);
    }
    value
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
            Err(_) => {
                let (first, example) = W::KNOWN.first().copied().unwrap_or_default();
                errors.on(
                    attribute,
                    match first {
                        EVENT => "what applies to an event goes into `#[telemetry_event(…)]`; remove `#[telemetry]`"
                            .to_owned(),
                        _ => format!("`#[telemetry]` is empty; write `#[telemetry({example})]`, or remove it"),
                    },
                );
            }
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
    let word = word(input, known)?;
    choose(&word, what, known).map_err(Fault::Own)
}

/// A word; one in quotes is told from other text by what is `known`.
fn word<T>(input: ParseStream<'_>, known: &[(&str, T)]) -> Result<Ident, Fault> {
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let names = known.iter().map(|(name, _)| *name);
        let meant = near::closest(&text.value(), names.clone());
        let meant = meant.map_or_else(|| names.map(str::to_owned).collect(), |meant| vec![meant.to_owned()]);
        return Err(Fault::Quoted(text.span(), meant));
    }
    Ok(input.call(Ident::parse_any)?)
}

fn choose<T: Copy>(word: &Ident, what: &str, known: &[(&str, T)]) -> syn::Result<At<T>> {
    if let Some((_, value)) = known.iter().find(|(name, _)| word == name) {
        return Ok(At { value: *value, span: word.span() });
    }
    let names = known.iter().map(|(name, _)| *name);
    let message = match near::closest(&word.to_string(), names.clone()) {
        Some(meant) => format!("unknown {what} `{word}`; did you mean `{meant}`?"),
        None => format!("unknown {what} `{word}`; known: {}", listed(names)),
    };
    Err(syn::Error::new(word.span(), message))
}
