//! log2 of the number of values of a type. See the table of the parent module.

use telemetry_schema::{
    FieldDescriptor, FieldType, Form,
    ready_made::{self, Values},
};

/// How many items a list holds at most, whatever its type says: the runtime counts them in 16 bits.
const MAX_ITEMS: f64 = u16::MAX as f64;

/// How many bytes a text holds at most, whatever its type says: the same.
const MAX_TEXT_BYTES: f64 = u16::MAX as f64;

/// Bits of a random or hashed value of 16 bytes.
const PSEUDONYM_BITS: f64 = 128.0;

/// Bits of all fields together.
pub(super) fn fields(fields: &[FieldDescriptor]) -> f64 {
    fields.iter().map(|field| of_type(&field.field_type)).sum()
}

/// Bits of one value of this type.
fn of_type(field_type: &FieldType) -> f64 {
    match field_type.form() {
        Form::Bool => 1.0,
        Form::Int { min, max } => {
            let values = i128::from(max) - i128::from(min) + 1;
            (values.max(1) as f64).log2()
        }
        Form::Unbounded(rust) => width(rust),
        Form::Enum(names) => log2_count(names.len()),
        Form::Variants(variants) => {
            sum(variants.iter().map(|variant| variant.field_type.as_ref().map_or(0.0, of_type)))
        }
        Form::Struct(nested) => fields(nested),
        Form::Optional(of) => sum([0.0, of_type(of)]),
        Form::Array { len, of } => len as f64 * of_type(of),
        Form::List { max, of } => list(max as f64, of_type(of)),
        Form::OneOf(of) => match of.form() {
            Form::Enum(names) if names.iter().any(|name| name == ready_made::OTHER) => log2_count(names.len()),
            _ => sum([0.0, of_type(of)]),
        },
        Form::Text { max_len } => 8.0 * (max_len as f64).min(MAX_TEXT_BYTES),
        Form::ReadyMade(row) => match row.values {
            Values::Names(names) => log2_count(names.len()),
            Values::Powers => f64::from(ready_made::BUCKET_EXPONENT + 2).log2(),
            Values::Numbers => list(ready_made::OS_VERSION_NUMBERS as f64, 32.0),
        },
        Form::Version { .. } => version(),
        Form::Packages { names, prefixes, max } => {
            let listed = names.iter().map(|_| 0.0).chain(prefixes.iter().map(|prefix| package_name(prefix)));
            list(max as f64, sum(listed) + sum([0.0, version()]))
        }
        Form::Pseudonym => sum([0.0, PSEUDONYM_BITS]),
    }
}

/// The width of a whole number of Rust. Other names have the widest that the runtime can send.
fn width(rust: &str) -> f64 {
    match rust {
        "u8" | "i8" => 8.0,
        "u16" | "i16" => 16.0,
        "u32" | "i32" => 32.0,
        _ => 64.0,
    }
}

/// Three numbers; no tag, a named one with or without a number, or `other`, which has none.
fn version() -> f64 {
    let named = ready_made::VERSION_TAGS.len().saturating_sub(1) as f64;
    let tags = 1.0 + named * (1.0 + 2f64.powi(32)) + 1.0;
    3.0 * 32.0 + tags.log2()
}

/// A name that starts with `prefix`.
fn package_name(prefix: &str) -> f64 {
    let kinds = (0..=u8::MAX).filter(|byte| ready_made::is_package_name_byte(*byte)).count();
    list(ready_made::PACKAGE_NAME_BYTES.saturating_sub(prefix.len()) as f64, log2_count(kinds))
}

fn log2_count(count: usize) -> f64 {
    (count.max(1) as f64).log2()
}

/// log2 of Σ 2^bits: one value of any of several types. Computed relative to the largest, which alone may be beyond
/// what a double holds.
fn sum(bits: impl IntoIterator<Item = f64>) -> f64 {
    let bits: Vec<f64> = bits.into_iter().collect();
    let largest = bits.iter().copied().fold(0.0, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    let relative: f64 = bits.iter().map(|bits| (bits - largest).exp2()).sum();
    if relative > 0.0 { largest + relative.log2() } else { 0.0 }
}

/// log2 of Σ from k = 0 to max of c^k, with log2 c given. For c = 1 that is max + 1; else (c^(max+1) − 1) / (c − 1),
/// where log2 (2^x − 1) is x + log2 (1 − 2^−x).
fn list(max: f64, item: f64) -> f64 {
    let max = max.min(MAX_ITEMS);
    if item <= 0.0 {
        return (max + 1.0).log2();
    }
    let minus_one = |x: f64| x + (-(-x).exp2()).ln_1p() / std::f64::consts::LN_2;
    if max <= 0.0 { 0.0 } else { minus_one((max + 1.0) * item) - minus_one(item) }
}

#[cfg(test)]
mod tests;
