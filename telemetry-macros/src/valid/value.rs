//! Rules for `#[derive(TelemetryValue)]`.

use std::collections::HashSet;

use super::{MAX_NAME, field, no_generics};
use crate::{
    ast::{Field, Value, ValueBody, Variant, VariantBody},
    case::Case,
    errors::Errors,
};

pub(crate) fn check(value: &Value, errors: &mut Errors) {
    let case = value.args.rename_all.map(|case| case.value);
    no_generics(&value.generics, "a value", errors);
    has_names(value, errors);
    match &value.body {
        ValueBody::Struct(fields) => field::check_all(fields, case, errors),
        ValueBody::Enum(variants) => {
            variants_can_be_counted(value, variants, errors);
            names_differ(variants, case, errors);
            for variant in variants {
                holds_what_can_be_named(variant, errors);
            }
        }
        ValueBody::NoNames(_) | ValueBody::Union(_) => {}
    }
}

/// A value is an enum, or an object with keys.
fn has_names(value: &Value, errors: &mut Errors) {
    match &value.body {
        ValueBody::Struct(_) | ValueBody::Enum(_) => {}
        ValueBody::NoNames(token) => {
            errors.on(token, "a value is an enum or a struct with named fields: `struct Size { rows: CountBucket }`");
        }
        ValueBody::Union(token) => {
            errors.on(token, "a value is an enum or a struct with named fields: write `struct` for `union`");
        }
    }
}

/// Variants travel to the worker as a 16-bit index; the last one stands for `other`.
fn variants_can_be_counted(value: &Value, variants: &[Variant], errors: &mut Errors) {
    if variants.is_empty() {
        errors.on(&value.ident, "an enum without variants has no value to send; give it one: `enum Theme { Dark }`");
    }
    if variants.len() > usize::from(u16::MAX) {
        errors.on(&value.ident, "an enum has at most 65535 variants");
    }
}

/// Names are what is sent.
fn names_differ(variants: &[Variant], case: Option<Case>, errors: &mut Errors) {
    let mut names = HashSet::new();
    for variant in variants {
        let name = variant.name(case);
        let span = variant.rename.as_ref().map_or_else(|| variant.ident.span(), syn::LitStr::span);
        if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            errors.at(span, format!("the name of a variant is 1 to {MAX_NAME} bytes without control characters: `#[telemetry(rename = \"dark\")]`"));
        }
        if names.contains(&name) {
            errors.at(span, format!("two variants are called `{name}`; rename one: `#[telemetry(rename = \"…\")]`"));
        }
        names.insert(name);
    }
}

/// Data in a variant is one value or has names.
fn holds_what_can_be_named(variant: &Variant, errors: &mut Errors) {
    match &variant.body {
        VariantBody::Nothing => {}
        VariantBody::Struct(fields) => field::check_all(fields, None, errors),
        VariantBody::One(only) => {
            needs_no_name(only, errors);
            field::check(only, errors);
        }
        VariantBody::Several(fields) => {
            let message =
                format!("several fields of a variant need names: `{} {{ first: …, second: … }}`", variant.ident);
            errors.on(fields, message);
        }
    }
}

/// The record has no place for the key or the reason of a field without a name.
fn needs_no_name(field: &Field, errors: &mut Errors) {
    let args = &field.args;
    let words = [
        ("rename", args.rename.as_ref().map(syn::LitStr::span)),
        ("skip", args.skip),
        ("free_text", args.free_text),
        ("unbounded", args.unbounded),
        ("sensitivity", args.sensitivity.map(|sensitivity| sensitivity.span)),
    ];
    for (word, span) in words {
        if let Some(span) = span {
            errors.at(span, format!("`{word}` needs a field with a name: `{} {{ name: … }}`", field.ident));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{format_ident, quote};

    #[test]
    fn variants_fit_their_index() {
        for (count, messages) in [(65_535, 0), (65_536, 1)] {
            let variants = (0..count).map(|number| format_ident!("V{number}"));
            let mut errors = Errors::default();
            let value = Value::parse(quote!(enum Wide { #(#variants),* }), &mut errors);
            check(&value.expect("an enum"), &mut errors);
            assert_eq!(errors.messages().len(), messages, "{count}");
        }
    }
}
