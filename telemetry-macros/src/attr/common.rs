//! Words that events, `#[track_mount]` and `#[track_call]` share.

use syn::{
    Ident, LitInt, LitStr, Path, Token,
    parse::{Parse as _, ParseStream},
};

use super::{At, Fault, choice, group, path, text};
use crate::{case::Case, near};

/// The longest window of a throttle in hours, thirty days: a longer one would outlive its memory.
pub(crate) const LONGEST_THROTTLE: u64 = 720;

/// How often an identical event is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttle {
    None,
    Daily,
    Rolling(u64),
}

/// From which choice of the user on an event is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Basic,
    Usage,
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
    pub(crate) level: Option<At<Level>>,
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
            "level" => {
                input.parse::<Token![=]>()?;
                self.level = Some(choice(input, "level", &[("Basic", Level::Basic), ("Usage", Level::Usage)])?);
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
    if let Ok(text) = input.fork().parse::<LitStr>()
        && let Some(meant) = lasting(&text.value())
    {
        return Err(Fault::Quoted(text.span(), vec![meant]));
    }
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

/// The throttle that `1 day` or `12 hours` means; `Daily` for a time that no throttle can last.
fn lasting(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (digits, unit) = text.split_at(text.find(|char: char| !char.is_ascii_digit())?);
    let hours = match unit.trim() {
        "h" | "hour" | "hours" => 1,
        "d" | "day" | "days" => 24,
        "w" | "week" | "weeks" => 7 * 24,
        _ => return None,
    };
    let number: u64 = if digits.is_empty() { 1 } else { digits.parse().ok()? };
    let rolling = number.checked_mul(hours).filter(|sum| *sum != 24 || hours == 1);
    let rolling = rolling.filter(|hours| (1..=LONGEST_THROTTLE).contains(hours));
    Some(rolling.map_or_else(|| "Daily".to_owned(), |hours| format!("Rolling({hours} h)")))
}

#[cfg(test)]
mod tests {
    use super::lasting;

    #[test]
    fn a_time_in_words_is_a_throttle() {
        // Nothing where it is no time.
        for (text, meant) in [
            ("1 day", "Daily"),
            ("day", "Daily"),
            ("24 hours", "Rolling(24 h)"),
            ("12h", "Rolling(12 h)"),
            ("2 Days", "Rolling(48 h)"),
            ("1 week", "Rolling(168 h)"),
            ("30 days", "Rolling(720 h)"),
            ("31 days", "Daily"),
            ("0 h", "Daily"),
            ("99999999999999999999 h", ""),
            ("Daily", ""),
            ("always", ""),
            ("90", ""),
            ("", ""),
        ] {
            assert_eq!(lasting(text).unwrap_or_default(), meant, "{text}");
        }
    }
}
