//! `#[telemetry(…)]` on a field.

use proc_macro2::Span;
use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Token, parse::ParseStream, punctuated::Punctuated};

use super::{At, Fault, Words, choice, group, text};
use crate::errors::Errors;

/// One table: a category and its word in attributes and records.
macro_rules! sensitivities {
    ($($category:ident = $word:literal,)*) => {
        /// How close a field comes to a person; the words and the order are those of `telemetry-schema`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Sensitivity {
            $($category,)*
        }

        impl Sensitivity {
            const ALL: [(&'static str, Self); [$($word),*].len()] = [$(($word, Self::$category)),*];

            /// The word in attributes and records.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$category => $word,)*
                }
            }
        }
    };
}

sensitivities! {
    Technical = "technical",
    Interaction = "interaction",
    Pseudonymous = "pseudonymous",
    Personal = "personal",
}

/// The attributes of one field.
#[derive(Default)]
pub(crate) struct FieldArgs {
    pub(crate) rename: Option<LitStr>,
    pub(crate) skip: Option<Span>,
    pub(crate) range: Option<At<Expr>>,
    pub(crate) free_text: Option<Span>,
    pub(crate) max_len: Option<At<LitInt>>,
    pub(crate) unbounded: Option<Span>,
    pub(crate) reason: Option<At<LitStr>>,
    pub(crate) prefix: Option<At<LitStr>>,
    pub(crate) packages: Option<At<Packages>>,
    pub(crate) sensitivity: Option<At<Sensitivity>>,
    /// A word could not be read: what seems to be missing may be that word.
    pub(crate) is_faulty: bool,
}

impl FieldArgs {
    /// Whether nothing was written, not even a mistake.
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            rename,
            skip,
            range,
            free_text,
            max_len,
            unbounded,
            reason,
            prefix,
            packages,
            sensitivity,
            is_faulty,
        } = self;
        let is_said = rename.is_some() || skip.is_some() || sensitivity.is_some();
        let is_typed = range.is_some() || free_text.is_some() || max_len.is_some() || prefix.is_some();
        !(is_said || is_typed || unbounded.is_some() || reason.is_some() || packages.is_some() || *is_faulty)
    }
}

impl Words for FieldArgs {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("rename", "rename = \"key\""),
        ("skip", "skip"),
        ("range", "range = 0..=255"),
        ("free_text", "free_text, max_len = 64, reason = \"…\""),
        ("max_len", "max_len = 64"),
        ("unbounded", "unbounded, reason = \"…\""),
        ("reason", "reason = \"…\""),
        ("prefix", "prefix = \"v\""),
        ("packages", "packages(names = [\"vite\"], prefixes = [\"@acme/\"], max = 32)"),
        ("sensitivity", "sensitivity = technical"),
    ];

    fn elsewhere(word: &str) -> Option<String> {
        // `name` is what others call `rename`.
        let known = super::example::<super::EventArgs>(word)?;
        Some(match word {
            "name" => "to change the key of a field, write `rename = \"key\"`".to_owned(),
            _ => format!("`{word}` belongs on the event: `#[telemetry_event({known})]`"),
        })
    }

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault> {
        let span = word.span();
        match word.to_string().as_str() {
            "rename" => self.rename = Some(text(input)?),
            "skip" => self.skip = Some(span),
            "range" => {
                input.parse::<Token![=]>()?;
                self.range = Some(At { value: input.parse()?, span });
            }
            "free_text" => self.free_text = Some(span),
            "max_len" => {
                input.parse::<Token![=]>()?;
                self.max_len = Some(At { value: input.parse()?, span });
            }
            "unbounded" => self.unbounded = Some(span),
            "reason" => self.reason = Some(At { value: text(input)?, span }),
            "prefix" => self.prefix = Some(At { value: text(input)?, span }),
            "packages" => {
                let content = group::parenthesized(input)?;
                let mut packages = Packages::default();
                super::parse(content.parse()?, &mut packages, &mut Vec::new(), errors);
                self.packages = Some(At { value: packages, span });
            }
            _ => {
                input.parse::<Token![=]>()?;
                self.sensitivity = Some(choice(input, "sensitivity", &Sensitivity::ALL)?);
            }
        }
        Ok(())
    }
}

/// `packages(…)`: which package names may be reported.
#[derive(Default)]
pub(crate) struct Packages {
    pub(crate) names: Vec<LitStr>,
    pub(crate) prefixes: Vec<LitStr>,
    pub(crate) max: Option<LitInt>,
}

impl Words for Packages {
    const KNOWN: &'static [(&'static str, &'static str)] =
        &[("names", "names = [\"vite\"]"), ("prefixes", "prefixes = [\"@acme/\"]"), ("max", "max = 32")];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        input.parse::<Token![=]>()?;
        match word.to_string().as_str() {
            "names" => self.names = texts(input)?,
            "prefixes" => self.prefixes = texts(input)?,
            _ => self.max = Some(input.parse()?),
        }
        Ok(())
    }
}

/// `["a", "b"]`
pub(super) fn texts(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let content = group::bracketed(input)?;
    let items = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
    items
        .into_iter()
        .map(|item| match item {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
            other => Err(syn::Error::new_spanned(other, "expected text")),
        })
        .collect()
}
