//! From encoded fields to JSON, with the record as the dictionary.
//!
//! Names and variants are looked up in the event's own record, so what is sent cannot differ from what is listed.

use telemetry_schema::{
    FieldDescriptor, FieldType, Form, VariantDescriptor, number,
    ready_made::{OTHER as OTHER_TEXT, Values},
};

use crate::{
    declare::{
        sink::{unbounded_width, width},
        value::{OTHER, lower_bound, render_version},
    },
    wire::{
        json::push_string,
        redact::{self, Redaction},
    },
};

/// Makes the text of a pseudonym from the field's name and the digest of its input.
pub(crate) type Pseudonyms<'a> = &'a mut dyn FnMut(&str, &[u8; 32]) -> String;

/// The payload of an event as one JSON object, in the order of the record. `None` means that bytes and record do not
/// belong together, which no event of this process should ever show.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn payload(fields: &[FieldDescriptor], bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<String> {
    let mut out = String::with_capacity(64 + bytes.len() * 2);
    push_payload(&mut out, fields, bytes, pseudonyms)?;
    Some(out)
}

/// As [`payload`], behind what is in `out`. After `None` something may have been added. Answers with the texts that were replaced.
pub(crate) fn push_payload(
    out: &mut String,
    fields: &[FieldDescriptor],
    bytes: &[u8],
    pseudonyms: Pseudonyms<'_>,
) -> Option<Vec<Redaction>> {
    let mut renderer = Renderer { rest: bytes, out, pseudonyms, redacted: Vec::new() };
    renderer.object(fields)?;
    renderer.rest.is_empty().then_some(renderer.redacted)
}

struct Renderer<'a, 'b, 'c> {
    rest: &'a [u8],
    out: &'c mut String,
    pseudonyms: Pseudonyms<'b>,
    redacted: Vec<Redaction>,
}

impl<'a> Renderer<'a, '_, '_> {
    fn object(&mut self, fields: &[FieldDescriptor]) -> Option<()> {
        self.out.push('{');
        let mut first = true;
        for field in fields {
            let field_type = match &field.field_type {
                FieldType::Optional(of) => {
                    if !self.bool()? {
                        continue; // `None` means no key.
                    }
                    of
                }
                field_type => field_type,
            };
            if !std::mem::take(&mut first) {
                self.out.push(',');
            }
            self.string(&field.name);
            self.out.push(':');
            self.value(&field.name, field_type)?;
        }
        self.out.push('}');
        Some(())
    }

    fn value(&mut self, name: &str, field_type: &FieldType) -> Option<()> {
        match field_type.form() {
            Form::Bool => {
                let text = if self.bool()? { "true" } else { "false" };
                self.out.push_str(text);
            }
            Form::Int { min, max } => {
                let distance = self.unsigned(width(max.wrapping_sub(min) as u64))?;
                number::push_integer(self.out, i128::from(min) + i128::from(distance));
            }
            Form::Unbounded(rust_type) => {
                let bytes = unbounded_width(rust_type);
                let value = self.unsigned(bytes)?;
                // The record says which types have a sign.
                let unused = 64 - 8 * bytes as u32;
                let signed = (value << unused) as i64 >> unused;
                let wide = if rust_type.starts_with('u') { i128::from(value) } else { i128::from(signed) };
                number::push_integer(self.out, wide);
            }
            Form::Enum(names) => {
                let name = names.get(usize::from(self.index()?))?;
                self.string(name);
            }
            Form::Variants(variants) => {
                let VariantDescriptor { name: variant, field_type, .. } = variants.get(usize::from(self.index()?))?;
                match field_type {
                    None => self.string(variant),
                    Some(field_type) => {
                        self.out.push('{');
                        self.string(variant);
                        self.out.push(':');
                        self.value(name, field_type)?;
                        self.out.push('}');
                    }
                }
            }
            Form::Struct(fields) => self.object(fields)?,
            Form::Optional(of) => {
                // Inside arrays and lists there is no key to leave out.
                if self.bool()? { self.value(name, of)? } else { self.out.push_str("null") }
            }
            Form::Array { len, of } => self.elements(name, len, of)?,
            Form::List { of, .. } => {
                let count = self.index()?;
                self.elements(name, usize::from(count), of)?;
            }
            Form::Text { max_len } => {
                let text = self.text()?;
                match redact::hit(text) {
                    None => self.string(text),
                    Some(rule) => {
                        self.redacted.push(Redaction { field: name.to_owned(), rule: rule.name });
                        self.string(redact::in_place(max_len));
                    }
                }
            }
            Form::OneOf(list) => {
                let Form::Enum(names) = list.form() else { return None };
                match self.index()? {
                    OTHER => self.string(OTHER_TEXT),
                    index => {
                        let name = names.get(usize::from(index))?;
                        self.string(name);
                    }
                }
            }
            Form::ReadyMade(row) => self.ready_made(&row.values)?,
            Form::Version { prefix } => {
                let version = self.version()?;
                self.string(&format!("{prefix}{version}"));
            }
            Form::Packages { .. } => self.packages()?,
            Form::Pseudonym => {
                let digest = self.take()?;
                let text = (self.pseudonyms)(name, digest);
                self.string(&text);
            }
        }
        Some(())
    }

    /// What a type of one row sends.
    fn ready_made(&mut self, values: &Values) -> Option<()> {
        match values {
            Values::Names(names) => {
                let name = names.get(usize::from(self.index()?))?;
                self.string(name);
            }
            Values::Powers => {
                let bound = lower_bound(self.index()?);
                number::push_integer(self.out, i128::from(bound));
            }
            Values::Numbers => {
                let count = self.index()?;
                let numbers: Option<Vec<_>> = (0..count).map(|_| self.integer().map(|n| n.to_string())).collect();
                self.string(&numbers?.join("."));
            }
        }
        Some(())
    }

    fn elements(&mut self, name: &str, count: usize, of: &FieldType) -> Option<()> {
        self.out.push('[');
        for number in 0..count {
            if number > 0 {
                self.out.push(',');
            }
            self.value(name, of)?;
        }
        self.out.push(']');
        Some(())
    }

    fn packages(&mut self) -> Option<()> {
        self.out.push('[');
        for number in 0..self.index()? {
            if number > 0 {
                self.out.push(',');
            }
            self.out.push_str("{\"name\":");
            let name = self.text()?;
            self.string(name);
            if self.bool()? {
                let version = self.version()?;
                self.out.push_str(",\"version\":");
                self.string(&version);
            }
            self.out.push('}');
        }
        self.out.push(']');
        Some(())
    }

    fn version(&mut self) -> Option<String> {
        let numbers = [self.integer()?, self.integer()?, self.integer()?];
        Some(render_version(numbers, self.integer()?, self.integer()?))
    }

    fn string(&mut self, text: &str) {
        push_string(self.out, text);
    }

    fn bool(&mut self) -> Option<bool> {
        self.take::<1>().map(|[byte]| *byte != 0)
    }

    fn index(&mut self) -> Option<u16> {
        self.take().map(|bytes| u16::from_le_bytes(*bytes))
    }

    fn integer(&mut self) -> Option<i64> {
        self.take().map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// A number of so many bytes.
    fn unsigned(&mut self, width: usize) -> Option<u64> {
        let (bytes, rest) = self.rest.split_at_checked(width)?;
        self.rest = rest;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = usize::from(self.index()?);
        let (text, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::{
        sink::Sink,
        value::{CountBucket, OsVersion, Ranged, TelemetryValue, Unbounded, Version},
    };

    fn field(name: &str, field_type: FieldType) -> FieldDescriptor {
        FieldDescriptor::new(name, field_type)
    }

    fn rendered(fields: &[FieldDescriptor], sink: &Sink<'_>) -> Option<String> {
        payload(fields, sink.payload().bytes(), &mut |name, _| format!("pseudonym of {name}"))
    }

    #[test]
    fn every_kind_of_value_renders_by_its_record() {
        let enumeration = FieldType::Enum(vec!["a".into(), "b\"".into()]);
        let fields = [
            field("bool", FieldType::Bool),
            field("absent", FieldType::Optional(Box::new(FieldType::Bool))),
            field("int", FieldType::Int { min: -3, max: 9 }),
            field("big", FieldType::Unbounded("u64".into())),
            field("small", FieldType::Unbounded("i16".into())),
            field("enum", enumeration.clone()),
            field("one", FieldType::OneOf(Box::new(enumeration.clone()))),
            field("array", FieldType::Array { len: 2, of: Box::new(FieldType::Optional(Box::new(FieldType::Bool))) }),
            field("list", FieldType::List { max: 4, of: Box::new(enumeration) }),
            field("text", FieldType::Text { max_len: 9 }),
            field("count", FieldType::CountBucket),
            field("version", FieldType::Version { prefix: "v".into() }),
            field("os", FieldType::OsVersion),
            field("who", FieldType::Pseudonym),
            field(
                "data",
                FieldType::Variants(vec![
                    VariantDescriptor::new("plain", None),
                    VariantDescriptor::new("full", Some(FieldType::Struct(vec![]))),
                ]),
            ),
        ];
        let mut sink = Sink::new();
        sink.bool(true);
        sink.bool(false);
        Ranged::write(&8_u64, &mut sink, -3, 9);
        Unbounded::write(&u64::MAX, &mut sink);
        Unbounded::write(&-300_i16, &mut sink);
        sink.variant(1);
        sink.variant(OTHER);
        sink.bool(true);
        sink.bool(false);
        sink.bool(false);
        sink.count(1);
        sink.variant(0);
        sink.text("é\n", 9, crate::declare::sink::TextPermit::of_free_text());
        CountBucket::of(100).write(&mut sink);
        Version::parse("1.2.3-beta.4").write(&mut sink);
        OsVersion::parse("6.18").write(&mut sink);
        sink.digest(&[0; 32]);
        sink.variant(1);
        assert_eq!(
            rendered(&fields, &sink).unwrap(),
            "{\"bool\":true,\"int\":8,\"big\":18446744073709552000,\"small\":-300,\"enum\":\"b\\\"\",\"one\":\"other\",\
             \"array\":[false,null],\"list\":[\"a\"],\"text\":\"é\\n\",\"count\":64,\"version\":\"v1.2.3-beta.4\",\
             \"os\":\"6.18\",\"who\":\"pseudonym of who\",\"data\":{\"full\":{}}}"
        );
    }

    #[test]
    fn bytes_that_do_not_fit_the_record_render_nothing() {
        let fields = [field("enum", FieldType::Enum(vec!["a".into()]))];
        let mut sink = Sink::new();
        assert_eq!(rendered(&fields, &sink), None, "too few");
        sink.variant(1);
        assert_eq!(rendered(&fields, &sink), None, "no such variant");
        let mut sink = Sink::new();
        sink.variant(0);
        sink.bool(true);
        assert_eq!(rendered(&fields, &sink), None, "too many");
    }
}
