//! What documentation comments say.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// A description: text, or what only the compiler can read.
pub(crate) enum Doc {
    Text(String),
    /// What `concat!` takes, where some of it comes from a macro: `include_str!("…")`.
    Pieces(Vec<TokenStream>),
    /// The same of a function, of which the opening is the description.
    Opening(Vec<TokenStream>),
}

impl Doc {
    /// The documentation in `attributes`: the lines of a paragraph joined by spaces, paragraphs by an empty line.
    pub(super) fn of(attributes: &[Attribute]) -> Self {
        let values = values(attributes);
        match texts(&values) {
            Some(texts) => Self::Text(paragraphs(texts.flat_map(|text| lines(&text)))),
            // The compiler joins lines to paragraphs then.
            None => Self::Pieces(pieces(&values)),
        }
    }

    /// That of a function, up to its first section (`# Examples`) or block of code: what follows speaks to those who call it. Frameworks add
    /// sections of their own where an attribute of theirs stands above.
    pub(super) fn of_function(attributes: &[Attribute]) -> Self {
        let values = values(attributes);
        match texts(&values) {
            Some(texts) => {
                let mut is_empty = true;
                let opening = texts.flat_map(|text| lines(&text)).take_while(|line| {
                    let goes_on = is_empty || !ends_the_opening(line);
                    is_empty &= line.is_empty();
                    goes_on
                });
                Self::Text(paragraphs(opening))
            }
            None => Self::Opening(pieces(&values)),
        }
    }
}

/// Whether a line is the title of a section, or starts a block of code; `telemetry_schema` asks the same of what the compiler reads.
fn ends_the_opening(line: &str) -> bool {
    let behind = line.trim_start_matches('#');
    let is_title = (1..=6).contains(&(line.len() - behind.len())) && (behind.is_empty() || behind.starts_with(' '));
    is_title || line.starts_with("```") || line.starts_with("~~~")
}

/// Each attribute with documentation, and what it says.
fn values(attributes: &[Attribute]) -> Vec<(&Attribute, &Expr)> {
    attributes.iter().filter_map(|attribute| Some((attribute, value(attribute)?))).collect()
}

/// What they say, if none of it has to be asked of the compiler.
fn texts<'a>(values: &'a [(&Attribute, &Expr)]) -> Option<impl Iterator<Item = String> + 'a> {
    let all = values.iter().all(|(_, value)| text(value).is_some());
    all.then(|| values.iter().filter_map(|(attribute, value)| Some(without_stars(attribute, text(value)?))))
}

fn pieces(values: &[(&Attribute, &Expr)]) -> Vec<TokenStream> {
    values.iter().flat_map(|(_, value)| [value.to_token_stream(), quote::quote!("\n")]).collect()
}

/// What stands behind `doc =`.
fn value(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    }
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// The text of `/** … */` without the stars that start its lines, as rustdoc shows it.
fn without_stars(attribute: &Attribute, text: String) -> String {
    let source = attribute.pound_token.span.source_text();
    let is_comment = source.is_none_or(|source| source.starts_with("/*"));
    let starred = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('*');
    if !is_comment || !text.contains('\n') || !text.lines().skip(1).all(starred) {
        return text;
    }
    let line = |(number, line): (usize, &str)| match line.trim_start().strip_prefix('*') {
        Some(rest) if number > 0 => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn paragraphs(lines: impl Iterator<Item = String>) -> String {
    let mut doc = String::new();
    for line in lines {
        if line.is_empty() {
            if !doc.is_empty() && !doc.ends_with('\n') {
                doc.push_str("\n\n");
            }
            continue;
        }
        if !doc.is_empty() && !doc.ends_with('\n') {
            doc.push(' ');
        }
        doc.push_str(&line);
    }
    doc.truncate(doc.trim_end().len());
    doc
}

/// The trimmed lines of one doc attribute; an empty one is a line too.
fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { vec![String::new()] } else { text.lines().map(|line| line.trim().to_owned()).collect() }
}

#[cfg(test)]
mod tests {
    use super::Doc;
    use syn::parse_quote;

    #[test]
    fn a_documentation_comment_becomes_paragraphs() {
        let item: syn::ItemStruct = parse_quote! {
            /// One
            /// two.
            ///
            ///
            /// Three.
            ///
            #[doc(hidden)]
            struct X;
        };
        assert!(matches!(Doc::of(&item.attrs), Doc::Text(text) if text == "One two.\n\nThree."));
    }

    #[test]
    fn a03_the_stars_of_a_block_are_no_text_and_those_of_a_list_are() {
        for (text, expected) in [
            ("Block\n * with\n * stars\n ", "Block with stars"),
            ("\n * Block\n *\n * **with** stars", "Block\n\n**with** stars"),
            ("Block\n without\n", "Block without"),
            ("List:\n * one\n and more", "List: * one and more"),
            ("* one line", "* one line"),
        ] {
            let item: syn::ItemStruct = parse_quote!(#[doc = #text] struct X;);
            assert!(matches!(Doc::of(&item.attrs), Doc::Text(text) if text == expected), "{text}");
        }
    }
}
