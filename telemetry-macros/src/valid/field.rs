//! Rules for the fields of events and values.

mod ty;

use std::collections::HashSet;

use proc_macro2::Span;
use syn::{Expr, ExprUnary, Lit, LitInt, RangeLimits, UnOp};

use self::ty::Doubt;
use super::is_key;
use crate::{
    ast::Field,
    attr::{At, FieldArgs, Packages, Sensitivity},
    case::Case,
    errors::Errors,
};

/// The largest magnitude that a JavaScript reader keeps exactly: 2^53 - 1.
const MAX_SAFE: i64 = (1 << 53) - 1;
/// The longest free text in bytes; a stack trace or a document does not fit.
const MAX_TEXT: u64 = 4096;
/// The shortest reason that can say something.
const MIN_REASON: usize = 10;
/// The longest list of packages; more would be an inventory of a person's disk.
const MAX_PACKAGES: u64 = 256;

/// Checks the fields of one object.
pub(super) fn check_all(fields: &[Field], case: Option<Case>, errors: &mut Errors) {
    let mut keys = HashSet::new();
    for field in fields {
        check(field, errors);
        if field.is_sent() {
            let key = field.key(case);
            key_is_plain(&key, field.key_span(), errors);
            key_is_new(&mut keys, key, field.key_span(), errors);
        }
    }
}

/// Checks one field, save its key.
pub(super) fn check(field: &Field, errors: &mut Errors) {
    let args = &field.args;
    attributes_go_together(args, errors);
    if !field.is_sent() {
        return;
    }
    range_is_exact(args, errors);
    free_text_is_bounded(args, errors);
    reason_is_given(args, errors);
    reason_has_a_need(args, errors);
    free_text_is_personal(args, errors);
    packages_are_named(args, errors);
    type_is_bounded(field, errors);
}

/// Keys travel in many languages.
pub(super) fn key_is_plain(key: &str, span: Span, errors: &mut Errors) {
    if !is_key(key) {
        errors.at(span, format!("the key `{key}` is not 1 to 64 of the characters A-Z a-z 0-9 _ . -"));
    }
}

/// A JSON object with one key twice means something else to every reader.
pub(super) fn key_is_new(keys: &mut HashSet<String>, key: String, span: Span, errors: &mut Errors) {
    if keys.contains(&key) {
        errors.at(span, format!("two fields have the key `{key}`; rename one: `#[telemetry(rename = \"…\")]`"));
    }
    keys.insert(key);
}

/// A field is sent in one way, and a skipped one not at all.
fn attributes_go_together(args: &FieldArgs, errors: &mut Errors) {
    let ways = [
        ("range", args.range.as_ref().map(|range| range.span)),
        ("free_text", args.free_text),
        ("unbounded", args.unbounded),
        ("prefix", args.prefix.as_ref().map(|prefix| prefix.span)),
        ("packages", args.packages.as_ref().map(|packages| packages.span)),
    ];
    let mut written = ways.iter().filter_map(|(word, span)| span.map(|span| (*word, span)));
    if args.skip.is_some() {
        let others = [
            ("rename", args.rename.as_ref().map(syn::LitStr::span)),
            ("max_len", args.max_len.as_ref().map(|len| len.span)),
            ("reason", args.reason.as_ref().map(|reason| reason.span)),
            ("sensitivity", args.sensitivity.map(|sensitivity| sensitivity.span)),
        ];
        for (word, span) in written.chain(others.iter().filter_map(|(word, span)| span.map(|span| (*word, span)))) {
            errors.at(span, format!("a field that is skipped has no use for `{word}`"));
        }
        return;
    }
    if let Some((first, _)) = written.next() {
        for (word, span) in written {
            errors.at(span, format!("`{word}` does not go together with `{first}`"));
        }
    }
}

/// The bounds of a range are what every reader of the record understands.
fn range_is_exact(args: &FieldArgs, errors: &mut Errors) {
    if let Some(At { value, .. }) = &args.range {
        errors.take(range(value));
    }
}

/// The smallest and the largest value of `a..=b` or `a..b`.
pub(crate) fn range(expression: &Expr) -> syn::Result<(i64, i64)> {
    let wrong = |message: &str| syn::Error::new_spanned(expression, message);
    let Expr::Range(range) = ungrouped(expression) else {
        return Err(wrong("`range` needs two ends: `range = 0..=255`"));
    };
    let (Some(start), Some(end)) = (&range.start, &range.end) else {
        return Err(wrong("`range` needs both ends: `range = 0..=255`"));
    };
    let (min, end) = (whole_number(start)?, whole_number(end)?);
    let max = if matches!(range.limits, RangeLimits::HalfOpen(_)) { end - 1 } else { end };
    if min > max {
        return Err(wrong("`range` is empty: its first number is larger than its last"));
    }
    let safe = i128::from(-MAX_SAFE)..=i128::from(MAX_SAFE);
    if !safe.contains(&min) || !safe.contains(&max) {
        return Err(wrong("`range` goes beyond 2^53 - 1, where JavaScript readers lose digits; narrow it"));
    }
    Ok((min as i64, max as i64))
}

fn whole_number(expression: &Expr) -> syn::Result<i128> {
    let wrong = || syn::Error::new_spanned(expression, "`range` needs whole numbers: `range = 0..=255`");
    match ungrouped(expression) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().map_err(|_| wrong()),
            _ => Err(wrong()),
        },
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => whole_number(expr).map(|number| -number),
        _ => Err(wrong()),
    }
}

fn ungrouped(expression: &Expr) -> &Expr {
    match expression {
        Expr::Group(group) => ungrouped(&group.expr),
        Expr::Paren(paren) => ungrouped(&paren.expr),
        other => other,
    }
}

/// Text without an end could carry anything.
fn free_text_is_bounded(args: &FieldArgs, errors: &mut Errors) {
    match (&args.free_text, &args.max_len) {
        (Some(span), None) => {
            errors.at(*span, format!("`free_text` needs a bound: `max_len = 64`, at most {MAX_TEXT}"))
        }
        (None, Some(max_len)) => errors.at(max_len.span, "`max_len` goes with `free_text` only"),
        (Some(_), Some(max_len)) if self::max_len(&max_len.value).is_none() => {
            errors.on(&max_len.value, format!("`max_len` is 1 to {MAX_TEXT} bytes"));
        }
        _ => {}
    }
}

/// The longest free text of a field, in bytes.
pub(crate) fn max_len(literal: &LitInt) -> Option<u64> {
    literal.base10_parse().ok().filter(|len| (1..=MAX_TEXT).contains(len))
}

/// The way out is written down.
fn reason_is_given(args: &FieldArgs, errors: &mut Errors) {
    let needs = [("free_text", args.free_text), ("unbounded", args.unbounded)];
    let Some((word, span)) = needs.iter().find_map(|(word, span)| span.map(|span| (*word, span))) else { return };
    match &args.reason {
        None => errors.at(span, format!("`{word}` needs a reason that every audit shows: `reason = \"…\"`")),
        Some(reason) if reason.value.value().trim().chars().count() < MIN_REASON => {
            errors.on(&reason.value, format!("a reason has at least {MIN_REASON} characters; say why it must be sent"));
        }
        Some(_) => {}
    }
}

/// A reason beside a harmless field would hide the one that matters.
fn reason_has_a_need(args: &FieldArgs, errors: &mut Errors) {
    if let (Some(reason), None, None) = (&args.reason, args.free_text, args.unbounded) {
        errors.at(reason.span, "`reason` goes with `free_text` or `unbounded` only");
    }
}

/// Nobody can say of free text that it holds nothing personal.
fn free_text_is_personal(args: &FieldArgs, errors: &mut Errors) {
    if let (Some(_), Some(sensitivity)) = (args.free_text, args.sensitivity)
        && sensitivity.value < Sensitivity::Personal
    {
        let message = format!("free text is `personal`, never `{}`; leave `sensitivity` out", sensitivity.value.word());
        errors.at(sensitivity.span, message);
    }
}

/// Which names may be reported is fixed at compile time.
fn packages_are_named(args: &FieldArgs, errors: &mut Errors) {
    let Some(At { value: Packages { names, prefixes, max }, span }) = &args.packages else { return };
    if names.is_empty() && prefixes.is_empty() {
        errors.at(*span, "`packages` needs names or prefixes: `packages(prefixes = [\"@acme/\"], max = 32)`");
    }
    for text in names.iter().chain(prefixes).filter(|text| text.value().is_empty()) {
        errors.on(text, "an empty name or prefix would report every package; write the name out");
    }
    match max {
        None => errors.at(*span, format!("`packages` needs a bound: `max = 32`, at most {MAX_PACKAGES}")),
        Some(max) if packages_max(max).is_none() => errors.on(max, format!("`max` is 1 to {MAX_PACKAGES} packages")),
        Some(_) => {}
    }
}

/// The longest list of packages of a field.
pub(crate) fn packages_max(literal: &LitInt) -> Option<u64> {
    literal.base10_parse().ok().filter(|max| (1..=MAX_PACKAGES).contains(max))
}

/// Types that look harmless and are not get a message of their own; the trait bound catches the rest.
fn type_is_bounded(field: &Field, errors: &mut Errors) {
    let args = &field.args;
    let message = match ty::doubt(&field.ty) {
        Some(Doubt::Float) => "floats are never sent; use a range of a whole number, `Count` or `DurationBucket`",
        Some(Doubt::WideNumber) => "128-bit numbers are never sent; use a range of a smaller one",
        Some(Doubt::Number) if args.range.is_none() && args.unbounded.is_none() => {
            "a number needs bounds: `#[telemetry(range = 0..=255)]`, or the type `Count`; \
             if any number must be sent: `#[telemetry(unbounded, reason = \"…\")]`"
        }
        Some(Doubt::Text) if args.free_text.is_none() => {
            "text can carry personal data; use an enum with `#[derive(TelemetryValue)]` or `OneOf`; \
             if the text itself must be sent: `#[telemetry(free_text, max_len = 64, reason = \"…\")]`"
        }
        Some(Doubt::Packages) if args.packages.is_none() => {
            "`Packages` needs the names that may be sent: `#[telemetry(packages(prefixes = [\"@acme/\"], max = 32))]`"
        }
        _ => return,
    };
    errors.on(&field.ty, message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn ranges_have_two_whole_ends() {
        let cases: [(Expr, Option<(i64, i64)>); 8] = [
            (parse_quote!(0..=255), Some((0, 255))),
            (parse_quote!(0..256), Some((0, 255))),
            (parse_quote!(-5..=-1), Some((-5, -1))),
            (parse_quote!(0..=9_007_199_254_740_991), Some((0, MAX_SAFE))),
            (parse_quote!(0..=9_007_199_254_740_992), None),
            (parse_quote!(0..0), None),
            (parse_quote!(0..), None),
            (parse_quote!(0.5..=1.5), None),
        ];
        for (expression, bounds) in cases {
            assert_eq!(range(&expression).ok(), bounds);
        }
    }
}
