//! From encoded fields to JSON, with the record as the dictionary.
//!
//! Names and variants are looked up in the event's own record, so what is sent cannot differ from what is listed. They are made
//! JSON once for each event that is used, and copied from there.

use telemetry_schema::{
    FieldDescriptor, FieldType, Form,
    json::{push_string, quoted},
    number,
    ready_made::{OTHER as OTHER_TEXT, Values},
};

use crate::{
    base::float,
    declare::{
        sink::{unbounded_width, width},
        value::{OTHER, lower_bound, render_version},
    },
    wire::redact::{self, Redaction},
};

/// Makes the text of a pseudonym from the field's name and the digest of its input.
pub(crate) type Pseudonyms<'a> = &'a mut dyn FnMut(&str, &[u8; 32]) -> String;

/// The payload of an event as one JSON object, in the order of the record. `None` means that bytes and record do not
/// belong together, which no event of this process should ever show.
#[cfg(any(test, all(native, feature = "testing")))]
pub(crate) fn payload(fields: &[FieldDescriptor], bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<String> {
    replaced(fields, bytes, pseudonyms).map(|(payload, _)| payload)
}

/// As [`payload`], with the texts that were replaced in it.
#[cfg(any(test, all(native, feature = "testing")))]
fn replaced(fields: &[FieldDescriptor], bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<(String, Vec<Redaction>)> {
    let mut out = Vec::with_capacity(64 + bytes.len() * 2);
    let redacted = Layout::of(fields).push(&mut out, bytes, pseudonyms)?;
    Some((String::from_utf8(out).ok()?, redacted))
}

/// How the payloads of one event look.
#[derive(Debug)]
pub(crate) struct Layout(Box<[Member]>);

/// A field, and what stands before its value.
#[derive(Debug)]
struct Member {
    /// `,"name":`
    key: Box<[u8]>,
    /// `None` means no key.
    optional: bool,
    value: Value,
}

/// A variant with its quotes, and what is inside.
#[derive(Debug)]
struct Variant {
    name: Box<[u8]>,
    inside: Option<Value>,
}

/// How a value is read and written.
#[derive(Debug)]
enum Value {
    Bool,
    Int {
        min: i64,
        width: usize,
    },
    Unbounded {
        width: usize,
        signed: bool,
    },
    /// One of these, with their quotes.
    Names(Box<[Box<[u8]>]>),
    /// As `Names`, or none of them.
    OneOf(Box<[Box<[u8]>]>),
    Variants(Box<[Variant]>),
    Object(Layout),
    Optional(Box<Value>),
    Array {
        len: usize,
        of: Box<Value>,
    },
    List(Box<Value>),
    /// Of this field.
    Text {
        name: Box<str>,
        max_len: usize,
    },
    /// The start of a power of two.
    Power,
    /// Numbers with points between them.
    Numbers,
    Version {
        prefix: Box<str>,
    },
    Packages,
    /// Of this field.
    Pseudonym(Box<str>),
}

impl Value {
    fn of(name: &str, field_type: &FieldType) -> Self {
        match field_type.form() {
            Form::Bool => Self::Bool,
            Form::Int { min, max } => Self::Int { min, width: width(max.wrapping_sub(min) as u64) },
            Form::Enum(names) => Self::Names(names.iter().map(|name| quoted(name)).collect()),
            form => Self::rarer(name, form),
        }
    }

    fn rarer(name: &str, form: Form<'_>) -> Self {
        let of = |field_type: &FieldType| Box::new(Self::of(name, field_type));
        match form {
            Form::Bool | Form::Int { .. } | Form::Enum(_) => Self::Names(Box::default()),
            // The record says which types have a sign.
            Form::Unbounded(rust_type) => {
                Self::Unbounded { width: unbounded_width(rust_type), signed: !rust_type.starts_with('u') }
            }
            Form::Variants(variants) => Self::Variants(
                variants
                    .iter()
                    .map(|variant| {
                        let inside = variant.field_type.as_ref().map(|field_type| Self::of(name, field_type));
                        Variant { name: quoted(&variant.name), inside }
                    })
                    .collect(),
            ),
            Form::Struct(fields) => Self::Object(Layout::of(fields)),
            Form::Optional(inside) => Self::Optional(of(inside)),
            Form::Array { len, of: inside } => Self::Array { len, of: of(inside) },
            Form::List { of: inside, .. } => Self::List(of(inside)),
            Form::Text { max_len } => Self::Text { name: name.into(), max_len },
            Form::OneOf(list) => {
                // Of no record that our macros write there is another type.
                let names = if let Form::Enum(names) = list.form() { names } else { &[] };
                Self::OneOf(names.iter().map(|name| quoted(name)).collect())
            }
            Form::ReadyMade(row) => match &row.values {
                Values::Names(names) => Self::Names(names.iter().map(|name| quoted(name)).collect()),
                Values::Powers => Self::Power,
                Values::Numbers => Self::Numbers,
            },
            Form::Version { prefix } => Self::Version { prefix: prefix.into() },
            Form::Packages { .. } => Self::Packages,
            Form::Pseudonym => Self::Pseudonym(name.into()),
        }
    }
}

impl Layout {
    /// That of events with these fields.
    pub(crate) fn of(fields: &[FieldDescriptor]) -> Self {
        let member = |field: &FieldDescriptor| {
            let (optional, of) = match &field.field_type {
                FieldType::Optional(of) => (true, &**of),
                field_type => (false, field_type),
            };
            let mut key = b",".to_vec();
            push_string(&mut key, &field.name);
            key.push(b':');
            Member { key: key.into(), optional, value: Value::of(&field.name, of) }
        };
        Self(fields.iter().map(member).collect())
    }

    /// Adds the payload of an event behind what is in `out`. After `None` something may have been added. Answers with the texts
    /// that were replaced.
    pub(crate) fn push(&self, out: &mut Vec<u8>, bytes: &[u8], pseudonyms: Pseudonyms<'_>) -> Option<Vec<Redaction>> {
        let mut renderer = Renderer { rest: bytes, out, pseudonyms, redacted: Vec::new() };
        renderer.object(self)?;
        renderer.rest.is_empty().then_some(renderer.redacted)
    }
}

struct Renderer<'a, 'b, 'c> {
    rest: &'a [u8],
    out: &'c mut Vec<u8>,
    pseudonyms: Pseudonyms<'b>,
    redacted: Vec<Redaction>,
}

impl<'a> Renderer<'a, '_, '_> {
    fn object(&mut self, Layout(members): &Layout) -> Option<()> {
        let begin = self.out.len();
        // Takes the place of the first comma.
        for Member { key, optional, value } in members {
            if *optional && !self.bool()? {
                continue;
            }
            self.out.extend_from_slice(key);
            self.value(value)?;
        }
        match self.out.get_mut(begin) {
            Some(first) => *first = b'{',
            None => self.out.push(b'{'),
        }
        self.out.push(b'}');
        Some(())
    }

    #[inline]
    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Bool => {
                let text: &[u8] = if self.bool()? { b"true" } else { b"false" };
                self.out.extend_from_slice(text);
            }
            Value::Int { min, width } => {
                let distance = self.unsigned(*width)?;
                number::push_integer(self.out, min.wrapping_add(distance as i64), float);
            }
            Value::Names(names) => {
                let index = self.index()?;
                self.out.extend_from_slice(names.get(usize::from(index))?);
            }
            other => self.rarer(other)?,
        }
        Some(())
    }

    fn rarer(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Bool | Value::Int { .. } | Value::Names(_) => self.value(value)?,
            Value::Unbounded { width, signed } => {
                let value = self.unsigned(*width)?;
                let unused = 64 - 8 * *width as u32;
                let narrow = (value << unused) as i64 >> unused;
                number::push_wide(self.out, if *signed { narrow.into() } else { value.into() }, float);
            }
            Value::OneOf(names) => match self.index()? {
                OTHER => self.string(OTHER_TEXT),
                index => self.out.extend_from_slice(names.get(usize::from(index))?),
            },
            Value::Variants(variants) => {
                let index = self.index()?;
                let Variant { name, inside } = variants.get(usize::from(index))?;
                match inside {
                    None => self.out.extend_from_slice(name),
                    Some(inside) => {
                        self.out.push(b'{');
                        self.out.extend_from_slice(name);
                        self.out.push(b':');
                        self.value(inside)?;
                        self.out.push(b'}');
                    }
                }
            }
            Value::Object(fields) => self.object(fields)?,
            Value::Optional(of) => {
                // Inside arrays and lists there is no key to leave out.
                if self.bool()? { self.value(of)? } else { self.out.extend_from_slice(b"null") }
            }
            Value::Array { len, of } => self.elements(*len, of)?,
            Value::List(of) => {
                let count = self.index()?;
                self.elements(usize::from(count), of)?;
            }
            // Text that nobody looks through does not go.
            Value::Text { name, max_len } => {
                let hit = redact::needed()?;
                let text = self.text()?;
                match hit(text) {
                    None => self.string(text),
                    Some(rule) => {
                        self.redacted.push(Redaction { field: name.to_string(), rule: rule.name });
                        self.string(redact::in_place(*max_len));
                    }
                }
            }
            Value::Power => {
                let bound = lower_bound(self.index()?);
                number::push_wide(self.out, bound.into(), float);
            }
            Value::Numbers => {
                let count = self.index()?;
                let mut numbers = String::new();
                for place in 0..count {
                    numbers.push_str(if place > 0 { "." } else { "" });
                    numbers.push_str(&self.integer()?.to_string());
                }
                self.string(&numbers);
            }
            Value::Version { prefix } => {
                let version = self.version()?;
                self.string(&format!("{prefix}{version}"));
            }
            Value::Packages => self.packages()?,
            Value::Pseudonym(name) => {
                let digest = self.take()?;
                let text = (self.pseudonyms)(name, digest);
                self.string(&text);
            }
        }
        Some(())
    }

    fn elements(&mut self, count: usize, of: &Value) -> Option<()> {
        self.out.push(b'[');
        for number in 0..count {
            if number > 0 {
                self.out.push(b',');
            }
            self.value(of)?;
        }
        self.out.push(b']');
        Some(())
    }

    fn packages(&mut self) -> Option<()> {
        self.out.push(b'[');
        for number in 0..self.index()? {
            if number > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(b"{\"name\":");
            let name = self.text()?;
            self.string(name);
            if self.bool()? {
                let version = self.version()?;
                self.out.extend_from_slice(b",\"version\":");
                self.string(&version);
            }
            self.out.push(b'}');
        }
        self.out.push(b']');
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
    use telemetry_schema::VariantDescriptor;

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
