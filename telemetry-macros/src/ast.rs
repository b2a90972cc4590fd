//! The input as trees that keep the author's spans.

mod boxed;
mod command;
mod doc;
mod event;
mod field;
mod function;
mod value;

pub(crate) use boxed::in_future;
pub(crate) use command::{Command, CommandBody, Flag, Given, OTHER, Part, PartBody, Spelt, Subcommand, SubcommandBody};
pub(crate) use doc::Doc;
pub(crate) use event::{Event, EventBody};
pub(crate) use field::{Field, key};
pub(crate) use function::{Function, Track};
pub(crate) use value::{Value, ValueBody, Variant, VariantBody};

use syn::{Attribute, Meta, Path, Token, parse_quote, punctuated::Punctuated};

/// What an item and its fields allow themselves, for the code that mentions the same things again.
fn allowed<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Vec<Attribute> {
    // Nobody expects it twice, and allowing dead code in an implementation would make the type itself alive.
    let repeated = |lint: &&Path| !["dead_code", "unused"].iter().any(|dead| lint.is_ident(dead));
    let allow = |attribute: &Attribute| {
        let is_lint = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        let list = attribute.meta.require_list().ok().filter(|_| is_lint)?;
        let lints = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
        let paths: Vec<&Path> =
            lints.iter().filter_map(|lint| lint.require_path_only().ok()).filter(repeated).collect();
        (!paths.is_empty()).then(|| parse_quote!(#[allow(#(#paths),*)]))
    };
    attributes.into_iter().filter_map(allow).collect()
}
