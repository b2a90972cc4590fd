//! Words that events, `#[track_mount]` and `#[track_call]` share.

use syn::{
    Ident, LitInt, LitStr, Path, Token,
    parse::{Parse as _, ParseStream},
};

use super::{At, Fault, group, path, text};
use crate::{case::Case, near};

/// How often an identical event is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttle {
    None,
    Daily,
    Rolling(u64),
}

/// Words that events, `#[track_mount]` and `#[track_call]` share.
#[derive(Default)]
pub(crate) struct Common {
    pub(crate) crate_path: Option<Path>,
    pub(crate) sdk: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) rename_all: Option<At<Case>>,
    pub(crate) sample: Option<At<f64>>,
    pub(crate) throttle: Option<At<Throttle>>,
    pub(crate) owner: Option<LitStr>,
    pub(crate) purpose: Option<LitStr>,
    pub(crate) reviewed: Option<LitStr>,
    pub(crate) since: Option<LitStr>,
    pub(crate) expires: Option<LitStr>,
}

impl Common {
    /// Reads one word, or says `false` if it is not among these.
    pub(super) fn word(&mut self, word: &Ident, input: ParseStream<'_>) -> Result<bool, Fault> {
        match word.to_string().as_str() {
            "name" => self.name = Some(text(input)?),
            "rename_all" => self.rename_all = Some(case(input)?),
            "sample" => {
                input.parse::<Token![=]>()?;
                self.sample = Some(rate(input)?);
            }
            "throttle" => {
                input.parse::<Token![=]>()?;
                self.throttle = Some(throttle(input)?);
            }
            "owner" => self.owner = Some(text(input)?),
            "purpose" => self.purpose = Some(text(input)?),
            "reviewed" => self.reviewed = Some(text(input)?),
            "since" => self.since = Some(text(input)?),
            "expires" => self.expires = Some(text(input)?),
            "sdk" => self.sdk = Some(path(input)?),
            "crate" => self.crate_path = Some(path(input)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// `= "camelCase"`
pub(super) fn case(input: ParseStream<'_>) -> Result<At<Case>, Fault> {
    let word = text(input)?;
    case_value(&word).map_err(Fault::Own)
}

pub(super) fn case_value(word: &LitStr) -> syn::Result<At<Case>> {
    match Case::from_word(&word.value()) {
        Some(value) => Ok(At { value, span: word.span() }),
        None => {
            let (written, known) = (word.value(), Case::ALL.iter().map(|(word, _)| *word));
            let message = match near::closest(&written, known.clone()) {
                Some(meant) => format!("unknown case `{written}`; did you mean `\"{meant}\"`?"),
                None => format!("unknown case `{written}`; known: {}", super::listed(known)),
            };
            Err(syn::Error::new(word.span(), message))
        }
    }
}

/// A number; a negative one is read too, so that the rule for rates can speak of it.
pub(super) fn rate(input: ParseStream<'_>) -> Result<At<f64>, Fault> {
    let minus: Option<Token![-]> = input.parse()?;
    let literal = syn::Lit::parse(input)?;
    let number: f64 = match &literal {
        syn::Lit::Float(float) => float.base10_parse()?,
        syn::Lit::Int(int) => int.base10_parse()?,
        other => return Err(syn::Error::new(other.span(), "expected a number").into()),
    };
    if input.peek(Token![%]) {
        let share = number / 100.0;
        let message = format!("a sampling rate is a share from 0 to 1: `{share}` for {number} %");
        return Err(Fault::Own(syn::Error::new(literal.span(), message)));
    }
    let value = if minus.is_some() { -number } else { number };
    Ok(At { value, span: literal.span() })
}

/// `None`, `Daily`, `Rolling(24)` or `Rolling(24 h)`.
fn throttle(input: ParseStream<'_>) -> Result<At<Throttle>, Fault> {
    let known = [("None", Throttle::None), ("Daily", Throttle::Daily), ("Rolling(24 h)", Throttle::Rolling(24))];
    let word = super::word(input, &known)?;
    if word != "Rolling" {
        return super::choose(&word, "throttle", &known).map_err(Fault::Own);
    }
    let at_word = |_| syn::Error::new(word.span(), "expected hours");
    let content = group::parenthesized(input).map_err(at_word)?;
    let hours: LitInt = content.parse()?;
    let unit: Option<Ident> = content.parse()?;
    if !content.is_empty() || !matches!(hours.suffix(), "" | "h") || unit.is_some_and(|unit| unit != "h") {
        return Err(content.error("expected hours").into());
    }
    Ok(At { value: Throttle::Rolling(hours.base10_parse()?), span: hours.span() })
}
