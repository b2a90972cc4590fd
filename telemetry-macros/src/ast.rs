//! The input as trees that keep the author's spans.

mod event;
mod field;
mod function;
mod value;

pub(crate) use event::{Event, EventBody};
pub(crate) use field::{Field, key};
pub(crate) use function::{Function, Track};
pub(crate) use value::{Value, ValueBody, Variant, VariantBody};

use proc_macro2::Span;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta};

/// What an item and its fields allow themselves, for the code that mentions the same things again.
fn allowed<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Vec<Attribute> {
    let is_lint = |attribute: &&Attribute| attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
    let allow = |attribute: &Attribute| {
        let mut attribute = attribute.clone();
        if let Meta::List(list) = &mut attribute.meta {
            list.path = Ident::new("allow", Span::mixed_site()).into(); // Nobody expects it twice.
        }
        attribute
    };
    attributes.into_iter().filter(is_lint).map(allow).collect()
}

/// The documentation comment in `attributes`: the lines of a paragraph joined by spaces, paragraphs by an empty line.
fn doc(attributes: &[Attribute]) -> String {
    let mut doc = String::new();
    for line in attributes.iter().filter_map(doc_text).flat_map(|text| lines(&text)) {
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

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(super::doc(&item.attrs), "One two.\n\nThree.");
    }
}
