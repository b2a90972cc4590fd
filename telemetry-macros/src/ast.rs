//! The input as trees that keep the author's spans.

mod doc;
mod event;
mod field;
mod function;
mod value;

pub(crate) use doc::Doc;
pub(crate) use event::{Event, EventBody};
pub(crate) use field::{Field, key};
pub(crate) use function::{Function, Track};
pub(crate) use value::{Value, ValueBody, Variant, VariantBody};

use proc_macro2::Span;
use syn::{Attribute, Ident, Meta};

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
