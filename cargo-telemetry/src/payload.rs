//! One payload against its record: what passes is written anew, key by key as the record has them, so that nothing but what
//! was declared goes on. On the way the facets are taken: what the counts per value are made of. The collector and `watch` ask here.

mod form;
mod reason;

use serde_json::{Map, Value};
use telemetry_schema::{
    FieldDescriptor, FieldType, Form, VariantDescriptor, number,
    ready_made::{BUCKET_EXPONENT, OTHER, Values},
};

pub use self::reason::Reason;

/// Numbers of a field with at most so many values are counted one by one, others by powers of two.
const COUNTED_SINGLY: i64 = 256;

/// One value of an event, for the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// Which field: `providers.auth`.
    pub path: String,
    /// Which value, as a word; numbers of wide ranges as the power of two below.
    pub value: String,
    /// The number itself, where it is one, else 0.
    pub sum: i64,
}

/// A payload that its record allows.
#[derive(Debug, Default, PartialEq)]
pub struct Payload {
    /// As JSON, with the keys in the order of the record.
    pub json: String,
    /// Its values, by path.
    pub facets: Vec<Facet>,
}

/// The payload, if these fields allow it.
///
/// # Errors
///
/// Why they do not.
pub fn of(fields: &[FieldDescriptor], value: &Map<String, Value>) -> Result<Payload, Reason> {
    let mut payload = Payload::default();
    payload.object(fields, value, "")?;
    Ok(payload)
}

/// How much of the payload these fields allow: to tell which of several records was meant.
fn closeness(fields: &[FieldDescriptor], payload: &Map<String, Value>) -> i64 {
    let of_field = |field: &FieldDescriptor| match payload.get(&field.name) {
        Some(value) if Payload::default().value(&field.field_type, value, "").is_ok() => 2,
        Some(_) => 0,
        None if matches!(field.field_type, FieldType::Optional(_)) => 0,
        None => -1,
    };
    let is_unknown = |key: &&String| fields.iter().all(|field| field.name != **key);
    let unknown = payload.keys().filter(is_unknown).count();
    fields.iter().map(of_field).sum::<i64>() - i64::try_from(unknown).unwrap_or(i64::MAX)
}

/// The record that allows this payload. If none does, the reason is that of the record which it is closest to.
///
/// # Errors
///
/// Why it is refused; [`Reason::UnknownEvent`] where there is no record.
pub fn choose<'a, T>(
    candidates: &'a [T],
    fields: impl Fn(&T) -> &[FieldDescriptor],
    payload: &Map<String, Value>,
) -> Result<(&'a T, Payload), Reason> {
    // Mostly there is one, and nothing to compare.
    if let [event] = candidates {
        return of(fields(event), payload).map(|payload| (event, payload));
    }
    for event in candidates {
        if let Ok(payload) = of(fields(event), payload) {
            return Ok((event, payload));
        }
    }
    let why = closest(candidates, &fields, payload).and_then(|event| of(fields(event), payload).err());
    Err(why.unwrap_or(Reason::UnknownEvent))
}

/// The record that was meant, if none allows the payload: the one that allows most of it.
pub fn closest<'a, T>(
    candidates: &'a [T],
    fields: impl Fn(&T) -> &[FieldDescriptor],
    payload: &Map<String, Value>,
) -> Option<&'a T> {
    // Of equally close ones the first: `max_by_key` would take the last.
    candidates.iter().rev().max_by_key(|event| closeness(fields(event), payload))
}

impl Payload {
    fn object(&mut self, fields: &[FieldDescriptor], value: &Map<String, Value>, path: &str) -> Result<(), Reason> {
        let mut found = 0;
        self.json.push('{');
        for field in fields {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            let (field_type, may_be_absent) = match &field.field_type {
                FieldType::Optional(of) => (of.as_ref(), true),
                other => (other, false),
            };
            match value.get(&field.name) {
                Some(value) => {
                    if found > 0 {
                        self.json.push(',');
                    }
                    found += 1;
                    self.text(&field.name);
                    self.json.push(':');
                    self.value(field_type, value, &path)?;
                }
                None if may_be_absent => self.facet(&path, "(absent)", 0),
                None => return Err(Reason::MissingField),
            }
        }
        self.json.push('}');
        if found == value.len() { Ok(()) } else { Err(Reason::UnknownField) }
    }

    fn value(&mut self, field_type: &FieldType, value: &Value, path: &str) -> Result<(), Reason> {
        match field_type.form() {
            Form::Bool => {
                let value = value.as_bool().ok_or(Reason::WrongType)?;
                let word = if value { "true" } else { "false" };
                self.json.push_str(word);
                self.facet(path, word, 0);
                Ok(())
            }
            Form::Int { min, max } => {
                let number = whole(value)?;
                let is_within = (min as f64) <= number.value && number.value <= (max as f64);
                self.number(&number, is_within, max.saturating_sub(min) < COUNTED_SINGLY, path)
            }
            Form::Unbounded(rust_type) => {
                let number = whole(value)?;
                let is_within = is_within_type(number.value, rust_type);
                self.number(&number, is_within, false, path)
            }
            Form::Enum(names) => self.word(value, path, |word| names.iter().any(|name| name == word)),
            Form::OneOf(list) => self.word(value, path, |word| {
                word == OTHER || matches!(list, FieldType::Enum(names) if names.iter().any(|name| name == word))
            }),
            Form::ReadyMade(row) => match row.values {
                Values::Names(names) => self.word(value, path, |word| names.contains(&word)),
                Values::Powers => {
                    let number = whole(value)?;
                    self.number(&number, is_bucket(number.value), true, path)
                }
                Values::Numbers => self.form(value, path, true, form::is_os_version),
            },
            Form::Version { prefix } => self.form(value, path, true, |word| form::is_version(word, prefix)),
            Form::Pseudonym => self.form(value, path, false, form::is_pseudonym),
            Form::Text { max_len } => {
                let free = value.as_str().ok_or(Reason::WrongType)?;
                if free.len() > max_len {
                    return Err(Reason::TooLong);
                }
                self.text(free);
                // Free text is kept in rows, for their days, and in no count.
                self.facet(path, "(text)", 0);
                Ok(())
            }
            Form::Struct(fields) => self.object(fields, value.as_object().ok_or(Reason::WrongType)?, path),
            Form::Variants(variants) => self.variant(variants, value, path),
            Form::Optional(_) if value.is_null() => {
                self.json.push_str("null");
                self.facet(path, "(absent)", 0);
                Ok(())
            }
            Form::Optional(of) => self.value(of, value, path),
            Form::Array { len, of } => self.list(value, len..=len, path, |this, value| this.value(of, value, path)),
            Form::List { max, of } => self.list(value, 0..=max, path, |this, value| this.value(of, value, path)),
            Form::Packages { names, prefixes, max } => {
                self.list(value, 0..=max, path, |this, value| this.package(names, prefixes, value, path))
            }
        }
    }

    fn list(
        &mut self,
        value: &Value,
        lengths: std::ops::RangeInclusive<usize>,
        path: &str,
        mut element: impl FnMut(&mut Self, &Value) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        let values = value.as_array().ok_or(Reason::WrongType)?;
        if !lengths.contains(&values.len()) {
            return Err(Reason::WrongLength);
        }
        if values.is_empty() {
            self.facet(path, "(empty)", 0);
        }
        self.json.push('[');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.json.push(',');
            }
            element(self, value)?;
        }
        self.json.push(']');
        Ok(())
    }

    fn package(&mut self, names: &[String], prefixes: &[String], value: &Value, path: &str) -> Result<(), Reason> {
        let package = value.as_object().ok_or(Reason::WrongType)?;
        let name = package.get("name").ok_or(Reason::MissingField)?.as_str().ok_or(Reason::WrongType)?;
        if !form::is_package(name, names, prefixes) {
            return Err(Reason::UnknownVariant);
        }
        self.json.push_str("{\"name\":");
        self.text(name);
        self.facet(path, name, 0);
        if let Some(version) = package.get("version") {
            self.json.push_str(",\"version\":");
            self.form(version, &format!("{path}.{name}"), true, |word| form::is_version(word, ""))?;
        }
        self.json.push('}');
        let known = 1 + usize::from(package.contains_key("version"));
        if package.len() == known { Ok(()) } else { Err(Reason::UnknownField) }
    }

    /// Variants without a value are text, those with one an object of one key.
    fn variant(&mut self, variants: &[VariantDescriptor], value: &Value, path: &str) -> Result<(), Reason> {
        let named = |name: &str, is_full: bool| {
            variants.iter().find(|variant| variant.name == name && variant.field_type.is_some() == is_full)
        };
        match value {
            Value::String(name) => {
                let variant = named(name, false).ok_or(Reason::UnknownVariant)?;
                self.text(&variant.name);
                self.facet(path, &variant.name, 0);
                Ok(())
            }
            Value::Object(map) => {
                let mut entries = map.iter();
                let (Some((name, value)), None) = (entries.next(), entries.next()) else {
                    return Err(Reason::UnknownVariant);
                };
                let variant = named(name, true).ok_or(Reason::UnknownVariant)?;
                self.json.push('{');
                self.text(&variant.name);
                self.json.push(':');
                self.facet(path, &variant.name, 0);
                if let Some(field_type) = &variant.field_type {
                    self.value(field_type, value, &format!("{path}.{}", variant.name))?;
                }
                self.json.push('}');
                Ok(())
            }
            _ => Err(Reason::WrongType),
        }
    }

    fn word(&mut self, value: &Value, path: &str, is_known: impl Fn(&str) -> bool) -> Result<(), Reason> {
        let word = value.as_str().ok_or(Reason::WrongType)?;
        if !is_known(word) {
            return Err(Reason::UnknownVariant);
        }
        self.text(word);
        self.facet(path, word, 0);
        Ok(())
    }

    fn form(
        &mut self,
        value: &Value,
        path: &str,
        is_counted: bool,
        has_form: impl Fn(&str) -> bool,
    ) -> Result<(), Reason> {
        let word = value.as_str().ok_or(Reason::WrongType)?;
        if !has_form(word) {
            return Err(Reason::BadFormat);
        }
        self.text(word);
        self.facet(path, if is_counted { word } else { "(set)" }, 0);
        Ok(())
    }

    fn number(&mut self, number: &Whole, is_within: bool, singly: bool, path: &str) -> Result<(), Reason> {
        if !is_within {
            return Err(Reason::OutOfRange);
        }
        let text = number.text();
        self.json.push_str(&text);
        let label = if singly { text } else { bucket_label(number.value) };
        // A sum beyond 2^53 would not be exact anyhow; the cast keeps within i64.
        self.facet(path, &label, number.value as i64);
        Ok(())
    }

    /// Text as the client escapes it: what JSON needs and nothing else.
    fn text(&mut self, text: &str) {
        self.json.push_str(&Value::from(text).to_string());
    }

    fn facet(&mut self, path: &str, value: &str, sum: i64) {
        self.facets.push(Facet { path: path.to_owned(), value: value.to_owned(), sum });
    }
}

/// A whole number as it stood in the JSON.
struct Whole {
    value: f64,
    exact: Option<i64>,
}

impl Whole {
    fn text(&self) -> String {
        self.exact.map_or_else(|| number::float(self.value), |exact| number::integer(exact.into()))
    }
}

fn whole(value: &Value) -> Result<Whole, Reason> {
    let Value::Number(number) = value else { return Err(Reason::WrongType) };
    if let Some(exact) = number.as_i64() {
        return Ok(Whole { value: exact as f64, exact: Some(exact) });
    }
    let value = number.as_f64().ok_or(Reason::WrongType)?;
    if value.fract() != 0.0 {
        return Err(Reason::WrongType);
    }
    // 3.0 is the number 3; JSON has one kind of numbers.
    let exact = (value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64);
    Ok(Whole { value, exact })
}

/// 0 or a power of two up to the highest that the client sends.
fn is_bucket(value: f64) -> bool {
    value == 0.0 || (0..=BUCKET_EXPONENT).any(|exponent| value == (1_u64 << exponent) as f64)
}

/// The largest power of two that is not above the number; its sign apart.
fn bucket_label(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude < 1.0 {
        return "0".to_owned();
    }
    let bucket = magnitude.log2().floor().exp2();
    format!("{}{}", if value < 0.0 { "-" } else { "" }, number::float(bucket))
}

/// All values of a Rust type, those of 64 bits as the doubles that clients print.
fn is_within_type(value: f64, rust_type: &str) -> bool {
    let within = |min: i64, max: i64| (min as f64..=max as f64).contains(&value);
    match rust_type {
        "u8" => within(0, u8::MAX.into()),
        "u16" => within(0, u16::MAX.into()),
        "u32" => within(0, u32::MAX.into()),
        "i8" => within(i8::MIN.into(), i8::MAX.into()),
        "i16" => within(i16::MIN.into(), i16::MAX.into()),
        "i32" => within(i32::MIN.into(), i32::MAX.into()),
        unsigned if unsigned.starts_with('u') => (0.0..=u64::MAX as f64).contains(&value),
        _ => (i64::MIN as f64..=i64::MAX as f64).contains(&value),
    }
}
