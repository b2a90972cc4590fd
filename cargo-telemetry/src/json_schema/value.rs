//! The schema of one value, from its type in the record.

use serde_json::{Map, Value, json};
use telemetry_schema::{
    FieldDescriptor, FieldType, Form, VariantDescriptor,
    ready_made::{BUCKET_EXPONENT, OTHER, PACKAGE_NAME_BYTES, Values},
};

use super::pattern;

/// An object with exactly these fields; an optional one may be absent.
pub(super) fn object(fields: &[FieldDescriptor]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        required.extend(property(&mut properties, field));
    }
    closed(properties, &required)
}

/// Adds a field to the properties of its object; answers with its name if it must be there.
pub(super) fn property<'a>(properties: &mut Map<String, Value>, field: &'a FieldDescriptor) -> Option<&'a str> {
    let (schema, required) = match &field.field_type {
        FieldType::Optional(of) => (of_type(of), None),
        field_type => (of_type(field_type), Some(field.name.as_str())),
    };
    properties.insert(field.name.clone(), described(schema, &field.doc));
    required
}

/// An object with these properties and no others.
pub(super) fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if let (false, Some(keys)) = (required.is_empty(), schema.as_object_mut()) {
        keys.insert("required".to_owned(), json!(required));
    }
    schema
}

/// The schema with words for people.
pub(super) fn described(mut schema: Value, doc: &str) -> Value {
    if let (false, Some(keys)) = (doc.is_empty(), schema.as_object_mut()) {
        keys.insert("description".to_owned(), json!(doc));
    }
    schema
}

/// One of these names.
pub(super) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    match unique.as_slice() {
        [only] => json!({ "const": only }),
        names => json!({ "enum": names }),
    }
}

pub(super) fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn of_type(field_type: &FieldType) -> Value {
    match field_type.form() {
        Form::Bool => json!({ "type": "boolean" }),
        Form::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Form::Unbounded(rust_type) => whole_number(rust_type),
        Form::Enum(names) => one_of(names.iter().map(String::as_str)),
        Form::Variants(variants) => of_variants(variants),
        Form::Struct(fields) => object(fields),
        // Inside arrays, lists and variants there is no key to leave out.
        Form::Optional(of) => json!({ "if": { "type": "null" }, "else": of_type(of) }),
        Form::Array { len, of } => array(len, len, of_type(of)),
        Form::List { max, of } => array(0, max, of_type(of)),
        Form::Text { max_len } => json!({ "type": "string", "maxLength": max_len }),
        Form::OneOf(list) => match list.form() {
            Form::Enum(names) => one_of(names.iter().map(String::as_str).chain([OTHER])),
            _ => json!({ "const": OTHER }),
        },
        Form::ReadyMade(row) => match row.values {
            Values::Names(names) => one_of(names.iter().copied()),
            Values::Powers => {
                let powers = (0..=BUCKET_EXPONENT).map(|exponent| 1_u64 << exponent);
                json!({ "enum": std::iter::once(0).chain(powers).collect::<Vec<_>>() })
            }
            Values::Numbers => text(&pattern::os_version()),
        },
        Form::Version { prefix } => text(&pattern::version(prefix)),
        Form::Packages { names, prefixes, max } => array(0, max, package(names, prefixes)),
        Form::Pseudonym => text(pattern::PSEUDONYM),
    }
}

fn array(min: usize, max: usize, items: Value) -> Value {
    let mut schema = json!({ "type": "array", "maxItems": max });
    if let Some(keys) = schema.as_object_mut() {
        if min > 0 {
            keys.insert("minItems".to_owned(), json!(min));
        }
        if max > 0 {
            keys.insert("items".to_owned(), items);
        }
    }
    schema
}

/// Variants without a value are text, those with one an object of one key.
fn of_variants(variants: &[VariantDescriptor]) -> Value {
    let plain: Vec<_> =
        variants.iter().filter(|variant| variant.field_type.is_none()).map(|variant| variant.name.as_str()).collect();
    let full: Map<_, _> = variants
        .iter()
        .filter_map(|variant| Some((variant.name.clone(), of_type(variant.field_type.as_ref()?))))
        .collect();
    let tagged = |full: Map<String, Value>| {
        if let (1, Some(only)) = (full.len(), full.keys().next().cloned()) {
            return json!({ "additionalProperties": false, "properties": full, "required": [only] });
        }
        json!({ "additionalProperties": false, "properties": full, "minProperties": 1, "maxProperties": 1 })
    };
    match (plain.is_empty(), full.is_empty()) {
        (false, true) => one_of(plain),
        (false, false) => json!({ "if": { "type": "object" }, "then": tagged(full), "else": one_of(plain) }),
        _ => {
            let mut schema = tagged(full);
            if let Some(keys) = schema.as_object_mut() {
                keys.insert("type".to_owned(), json!("object"));
            }
            schema
        }
    }
}

fn package(names: &[String], prefixes: &[String]) -> Value {
    let name = if prefixes.is_empty() {
        one_of(names.iter().map(String::as_str))
    } else {
        let mut name = text(&pattern::package(names, prefixes));
        if let Some(keys) = name.as_object_mut() {
            keys.insert("maxLength".to_owned(), json!(PACKAGE_NAME_BYTES));
        }
        name
    };
    let properties = [("name".to_owned(), name), ("version".to_owned(), text(&pattern::version("")))];
    closed(properties.into_iter().collect(), &["name"])
}

/// All values of a Rust type. Those of 64 bits are printed as the nearest double, which may lie just beyond the last
/// value of the type: the bound is the double behind that one.
fn whole_number(rust_type: &str) -> Value {
    const BEHIND_U64: f64 = 18_446_744_073_709_555_712.0;
    const BEHIND_I64: f64 = 9_223_372_036_854_777_856.0;
    let bounded = |min: i64, max: i64| json!({ "type": "integer", "minimum": min, "maximum": max });
    match rust_type {
        "u8" => bounded(0, u8::MAX.into()),
        "u16" => bounded(0, u16::MAX.into()),
        "u32" => bounded(0, u32::MAX.into()),
        "i8" => bounded(i8::MIN.into(), i8::MAX.into()),
        "i16" => bounded(i16::MIN.into(), i16::MAX.into()),
        "i32" => bounded(i32::MIN.into(), i32::MAX.into()),
        unsigned if unsigned.starts_with('u') => {
            json!({ "type": "integer", "minimum": 0, "exclusiveMaximum": BEHIND_U64 })
        }
        _ => json!({ "type": "integer", "exclusiveMinimum": -BEHIND_I64, "exclusiveMaximum": BEHIND_I64 }),
    }
}
