//! What clap's own attributes say: `#[command(…)]`, `#[arg(…)]`, and `#[clap(…)]` for either.
//!
//! clap has judged them already, so what is not understood here is left to it. Only names are read, and what tells whether a
//! flag was passed.

use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Token,
    ext::IdentExt as _,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// The attributes of one item, variant or field, in the order in which they stand.
#[derive(Default)]
pub(crate) struct Clap(Vec<Word>);

/// `word`, `word = value` or `word(value, …)`.
struct Word {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Some(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            Punctuated::<Expr, Token![,]>::parse_terminated(&content)?.into_iter().next()
        } else {
            None
        };
        Ok(Self { name, value })
    }
}

/// A name: as it is written, or made from the identifier.
pub(crate) enum Name {
    Written(LitStr),
    Derived,
    /// The macro cannot read it.
    Computed(Expr),
}

impl Clap {
    /// Reads the attributes of one node.
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let is_clap =
            |attribute: &&Attribute| ["command", "arg", "clap"].iter().any(|name| attribute.path().is_ident(name));
        let words = |attribute: &Attribute| {
            let list = attribute.meta.require_list().ok()?;
            list.parse_args_with(Punctuated::<Word, Token![,]>::parse_terminated).ok()
        };
        Self(attributes.iter().filter(is_clap).filter_map(words).flatten().collect())
    }

    /// Whether the word stands there, with a value or without.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.word(name).is_some()
    }

    /// Whether the word stands there with `true`, or with something that the macro cannot read.
    pub(crate) fn may_be_true(&self, name: &str) -> bool {
        let is_false = |value: &Expr| matches!(value, Expr::Lit(ExprLit { lit: Lit::Bool(value), .. }) if !value.value);
        self.word(name).is_some_and(|word| !word.value.as_ref().is_some_and(is_false))
    }

    /// Whether a word stands there that begins so.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.0.iter().any(|word| word.name.to_string().starts_with(prefix))
    }

    /// The name that the word gives; `None` where it does not stand there.
    pub(crate) fn name(&self, word: &str) -> Option<Name> {
        Some(match &self.word(word)?.value {
            None => Name::Derived,
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Name::Written(text.clone()),
            Some(other) => Name::Computed(other.clone()),
        })
    }

    /// The letter of `short = 'x'`.
    pub(crate) fn letter(&self) -> Option<char> {
        match &self.word("short")?.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Char(letter), .. })) => Some(letter.value()),
            _ => None,
        }
    }

    /// The last segment of `action = ArgAction::Count`.
    pub(crate) fn action(&self) -> Option<String> {
        match &self.word("action")?.value {
            Some(Expr::Path(path)) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => Some(String::new()),
        }
    }

    /// The last one counts, as in clap.
    fn word(&self, name: &str) -> Option<&Word> {
        self.0.iter().rev().find(|word| word.name == name)
    }
}
