//! Every rule of the input, one named function each. A rule adds its message at the smallest node that breaks it.

mod command;
mod common;
mod event;
mod field;
mod only_one;
mod sdk;
mod track;
mod url;
mod value;

pub(crate) use command::check as command;
pub(crate) use event::check as event;
pub(crate) use field::{doubt, innermost, max_len, packages_max, range};
#[cfg(test)]
pub(crate) use only_one::key_of_function;
pub(crate) use sdk::{check as sdk, endpoint};
pub(crate) use track::check as function;
pub(crate) use value::check as value;

use syn::Generics;

use crate::errors::Errors;

/// The longest key or name that is sent, in bytes; no key of the systems we model is longer than 40.
const MAX_NAME: usize = 64;

/// One event or value has one description; a generic one would have as many as it has instances.
fn no_generics(generics: &Generics, what: &str, errors: &mut Errors) {
    use syn::GenericParam::{Const, Lifetime, Type};
    let Some(first) = generics.params.first() else { return };
    let written = generics.params.iter().map(|parameter| match parameter {
        Lifetime(lifetime) => lifetime.lifetime.to_string(),
        Type(ty) => ty.ident.to_string(),
        Const(number) => format!("const {}", number.ident),
    });
    let written = written.collect::<Vec<_>>().join(", ");
    let repair = match first {
        Lifetime(_) => "so that its fields own what they hold",
        Type(_) | Const(_) => "and write the types out",
    };
    errors.on(generics, format!("{what} has one description in the binary: remove `<{written}>` {repair}"));
}

/// What may be a key in a payload.
fn is_key(text: &str) -> bool {
    is_name(text, b"_.-")
}

/// What may be the name of an event, a component or a method.
fn is_event_name(text: &str) -> bool {
    is_name(text, b"_.:-")
}

fn is_name(text: &str, others: &[u8]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
}
