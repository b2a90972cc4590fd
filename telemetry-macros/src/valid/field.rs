//! Rules for the fields of events and values.

mod ty;

use std::collections::HashSet;

use proc_macro2::Span;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitInt, RangeLimits, UnOp};

use self::ty::Doubt;
pub(crate) use self::ty::{doubt, innermost};
use super::is_key;
use crate::{
    ast::Field,
    attr::{At, FieldArgs, Packages, RESERVED, Sensitivity, is_reserved},
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
            key_is_free(&key, field.key_span(), errors);
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
    if !args.is_faulty {
        free_text_is_bounded(args, errors);
        reason_is_given(args, errors);
        reason_has_a_need(args, errors);
    }
    free_text_is_personal(args, errors);
    packages_are_named(args, errors);
    type_has_a_meaning(field, errors);
}

/// Keys travel in many languages.
pub(super) fn key_is_plain(key: &str, span: Span, errors: &mut Errors) {
    if !is_key(key) {
        errors.at(
            span,
            format!("the key `{key}` is not 1 to 64 of the characters A-Z a-z 0-9 _ . -: `rename = \"key\"`"),
        );
    }
}

/// In OTLP fields are attributes, and stand beside attributes of ours.
pub(super) fn key_is_free(key: &str, span: Span, errors: &mut Errors) {
    if is_reserved(key) {
        let names = RESERVED.map(|name| format!("`{name}`")).join(", ");
        errors.at(
            span,
            format!(
                "the key `{key}` means something of its own in the wire format `Otlp`, as do {names}…; \
                 rename the field: `rename = \"key\"`"
            ),
        );
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
            errors.at(span, format!("a field that is skipped has no use for `{word}`; remove `{word}`, or `skip`"));
        }
        return;
    }
    if let Some((first, _)) = written.next() {
        for (word, span) in written {
            errors.at(span, format!("`{word}` does not go together with `{first}`; remove one of them"));
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
    let range = match ungrouped(expression) {
        Expr::Range(range) => range,
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().contains("..") => {
            return Err(wrong(&format!("`range` takes no quotes: `range = {}`", text.value())));
        }
        Expr::Lit(ExprLit { lit: Lit::Int(end), .. }) => {
            return Err(wrong(&format!("`range` needs two ends: `range = 0..={end}`")));
        }
        _ => return Err(wrong("`range` needs two ends: `range = 0..=255`")),
    };
    let (Some(start), Some(end)) = (&range.start, &range.end) else {
        return Err(wrong("`range` needs both ends: `range = 0..=255`"));
    };
    let (min, end) = (whole_number(start)?, whole_number(end)?);
    let max = if matches!(range.limits, RangeLimits::HalfOpen(_)) { end - 1 } else { end };
    if min > end {
        return Err(wrong(&format!("`range` begins with the smaller number: `range = {max}..={min}`")));
    }
    if min > max {
        return Err(wrong(&format!("`range` is empty, because `..` leaves its end out: `range = {min}..={end}`")));
    }
    let safe = i128::from(-MAX_SAFE)..=i128::from(MAX_SAFE);
    if let Some(far) =
        [start, range.end.as_ref().unwrap_or(start)].iter().zip([min, max]).find(|(_, n)| !safe.contains(n))
    {
        let message =
            "`range` goes beyond 2^53 - 1, where JavaScript readers lose digits: `range = 0..=9007199254740991`";
        return Err(syn::Error::new_spanned(far.0, message));
    }
    Ok((min as i64, max as i64))
}

fn whole_number(expression: &Expr) -> syn::Result<i128> {
    let wrong = |message: &str| syn::Error::new_spanned(expression, message);
    let whole = "`range` needs whole numbers: `range = 0..=255`";
    match ungrouped(expression) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().map_err(|_| wrong(whole)),
            _ => Err(wrong(whole)),
        },
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => whole_number(expr).map(|number| -number),
        _ => Err(wrong("`range` is read before constants are known; write the number: `range = 0..=255`")),
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
        (Some(span), None) if args.reason.is_some() => {
            errors.at(*span, format!("`free_text` needs a bound, at most {MAX_TEXT} bytes: `free_text, max_len = 64`"))
        }
        (Some(span), None) => {
            let message = "`free_text` needs a bound, and a reason that every audit shows: \
                           `free_text, max_len = 64, reason = \"…\"`";
            errors.at(*span, message);
        }
        (None, Some(max_len)) => errors.at(max_len.span, "`max_len` goes with `free_text` only; remove `max_len`"),
        (Some(_), Some(max_len)) if self::max_len(&max_len.value).is_none() => {
            errors.on(&max_len.value, format!("`max_len` is 1 to {MAX_TEXT} bytes: `max_len = 64`"));
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
        // Said together with the bound.
        None if word == "free_text" && args.max_len.is_none() => {}
        None => errors.at(span, format!("`{word}` needs a reason that every audit shows: `{word}, reason = \"…\"`")),
        Some(reason) if reason.value.value().trim().chars().count() < MIN_REASON => {
            let message = format!("a reason has at least {MIN_REASON} characters: `reason = \"why it must be sent\"`");
            errors.on(&reason.value, message);
        }
        Some(_) => {}
    }
}

/// A reason beside a harmless field would hide the one that matters.
fn reason_has_a_need(args: &FieldArgs, errors: &mut Errors) {
    if let (Some(reason), None, None) = (&args.reason, args.free_text, args.unbounded) {
        errors.at(reason.span, "`reason` goes with `free_text` or `unbounded` only; remove `reason`");
    }
}

/// Nobody can say of free text that it holds nothing personal.
fn free_text_is_personal(args: &FieldArgs, errors: &mut Errors) {
    if let (Some(_), Some(sensitivity)) = (args.free_text, args.sensitivity)
        && sensitivity.value < Sensitivity::Personal
    {
        let message = format!("free text is `personal`, never `{}`; remove `sensitivity`", sensitivity.value.word());
        errors.at(sensitivity.span, message);
    }
}

/// Which names may be reported is fixed at compile time.
fn packages_are_named(args: &FieldArgs, errors: &mut Errors) {
    let Some(At { value: Packages { names, prefixes, max }, span }) = &args.packages else { return };
    if args.is_faulty {
        return;
    }
    let is_unnamed = names.is_empty() && prefixes.is_empty();
    if is_unnamed {
        errors.at(
            *span,
            "`packages` needs names or prefixes, and a bound: `packages(prefixes = [\"@acme/\"], max = 32)`",
        );
    }
    for text in names.iter().chain(prefixes).filter(|text| text.value().is_empty()) {
        errors.on(text, "an empty name or prefix would report every package; write one, such as `\"@acme/\"`");
    }
    match max {
        None if !is_unnamed => {
            errors.at(*span, format!("`packages` needs a bound, at most {MAX_PACKAGES}: `max = 32`"))
        }
        Some(max) if packages_max(max).is_none() => {
            errors.on(max, format!("`max` is 1 to {MAX_PACKAGES} packages: `max = 32`"));
        }
        None | Some(_) => {}
    }
}

/// The longest list of packages of a field.
pub(crate) fn packages_max(literal: &LitInt) -> Option<u64> {
    literal.base10_parse().ok().filter(|max| (1..=MAX_PACKAGES).contains(max))
}

/// A type that would be accepted and mean nothing. Whether a type may be sent at all is the compiler's to say, by its trait.
fn type_has_a_meaning(field: &Field, errors: &mut Errors) {
    if let Some(Doubt { at, message }) = doubt(&field.ty) {
        errors.on(&at, message);
    }
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
