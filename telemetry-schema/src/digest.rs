//! What a user agrees to, as digests of its parts.
//!
//! An event is told in parts: that it is recorded, each of its fields with type and range, its sampling, its throttle. An
//! SDK is told in parts as well: destination, wire format, each key of the envelope, each header, its sampling. Whoever
//! was told of all parts has agreed to the whole. A lower level is a part, since more people then send it, and a higher one is none. Versions, lines, prose, sensitivities and owners are no part: rewording
//! a comment asks nobody again, a new field does.
//!
//! Text is hashed by SHA-256, of which the first 16 bytes count; what is made of several digests is put together by
//! [`combine`], which the compiler evaluates in some ten steps. So the macros hash their own text while they run, and the
//! digest of an event is a constant of the program. This module computes the same from descriptors;
//! `docs/event-record.md` has it for readers in other languages.

mod combine;
mod several;

pub use combine::{Shape, array, combine, event_key, going_to, list, object, one_of, optional, sum, variants, within};
pub use several::Digests;

use std::fmt::Write as _;

use crate::{
    Compress, EventDescriptor, FieldDescriptor, FieldType, Form, Level, SdkDescriptor, Throttle, Wire, order,
    sha256::sha256,
};

/// What a user is told of one event or of one SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The digest of the whole.
    pub digest: u128,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// One part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its digest.
    pub digest: u128,
    /// What it is.
    pub what: What,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// That the event is recorded at all.
    Event,
    /// A field with all that it may hold.
    Field(String),
    /// On how many days it is recorded.
    Sampling,
    /// How often.
    Throttle,
    /// That it is recorded for users who have chosen a lower level than all of it.
    Level,
    /// Something about the SDK.
    Sdk,
}

impl Told {
    fn new(key: u128, parts: impl IntoIterator<Item = (What, u128)>) -> Self {
        let parts: Vec<_> =
            parts.into_iter().map(|(what, digest)| Part { what, digest: combine(key, digest) }).collect();
        Self { digest: parts.iter().fold(key, |sum, part| sum.wrapping_add(part.digest)), parts }
    }
}

/// The parts of an event.
pub fn event_parts(event: &EventDescriptor) -> Told {
    let key = event_key(text(&event.sdk), text(&event.event), event.discriminant.as_deref().map_or(0, text));
    let fields = event.fields.iter().map(|field| (What::Field(field.name.clone()), self::field(field)));
    let head = [
        (What::Event, text("event")),
        (What::Sampling, sampling(event.sample)),
        (What::Throttle, throttle(event.throttle)),
    ];
    let level = (event.level() == Level::Basic).then(|| (What::Level, text("level;basic")));
    Told::new(key, head.into_iter().chain(level).chain(fields))
}

/// The parts of an SDK.
pub fn sdk_parts(sdk: &SdkDescriptor) -> Told {
    let named = |kind: &'static str, pairs: &[(String, String)]| {
        pairs.iter().map(|(name, _)| text(&format!("{kind};{name}"))).collect::<Vec<_>>()
    };
    let mut parts = vec![destination(sdk), wire(sdk.wire), sampling(sdk.sample)];
    // For how long an id lasts is told as well; that there is one is a key of the envelope.
    parts.extend(sdk.identity.map(|identity| text(&format!("identity;rotating;{}", identity.days()))));
    parts.extend(named("envelope", &sdk.envelope));
    // How a body is packed is no news to whoever agreed to what is in it.
    let headers: Vec<_> = sdk.headers.iter().filter(|(name, _)| name != Compress::HEADER).cloned().collect();
    parts.extend(named("header", &headers));
    Told::new(combine(text("sdk"), text(&sdk.sdk)), parts.into_iter().map(|part| (What::Sdk, part)))
}

/// Where the events of an SDK go: endpoint, operator and transport.
pub fn destination(sdk: &SdkDescriptor) -> u128 {
    going_to(text(&sdk.endpoint), text(&sdk.operator), text(&sdk.transport))
}

/// The digest of what an event can carry and how often, in hexadecimal.
pub fn event(event: &EventDescriptor) -> String {
    hex(event_parts(event).digest)
}

/// The digest of where events go and what goes with them, in hexadecimal.
pub fn sdk(sdk: &SdkDescriptor) -> String {
    hex(sdk_parts(sdk).digest)
}

/// One digest over many, for instance over all events of an SDK; their order does not matter.
pub fn set(digests: impl IntoIterator<Item = u128>) -> u128 {
    let mut digests: Vec<_> = digests.into_iter().collect();
    order::set(&mut digests);
    digests.into_iter().fold(0, combine)
}

/// A digest as 32 hexadecimal digits.
pub fn hex(digest: u128) -> String {
    let mut text = String::new();
    push_hex(&mut text, digest);
    text
}

/// As [`hex`], behind what is in `out`.
pub fn push_hex(out: &mut String, digest: u128) {
    for byte in digest.to_be_bytes() {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }));
        }
    }
}

/// The number that is written so, as [`hex`] writes it.
pub fn of_hex(digits: &str) -> Option<u128> {
    digits.bytes().try_fold(0, |number: u128, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// The first 16 bytes of the SHA-256 of a text.
pub fn text(text: &str) -> u128 {
    let hash = sha256(text.as_bytes());
    hash.iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte))
}

fn sampling(sample: f64) -> u128 {
    text(&format!("sample;{:016x}", sample.to_bits()))
}

fn throttle(throttle: Throttle) -> u128 {
    match throttle {
        Throttle::None => text("throttle;none"),
        Throttle::Daily => text("throttle;daily"),
        Throttle::RollingHours(hours) => text(&format!("throttle;rolling;{hours}")),
    }
}

fn wire(wire: Wire) -> u128 {
    text(wire.words().digest_word)
}

fn field(field: &FieldDescriptor) -> u128 {
    combine(text(&field.name), field_type(&field.field_type))
}

fn field_type(of: &FieldType) -> u128 {
    match of.form() {
        Form::Bool => text("bool"),
        Form::Int { min, max } => text(&format!("int;{min};{max}")),
        Form::Unbounded(number) => text(&format!("unbounded;{number}")),
        Form::Enum(names) => text(&format!("enum{}", lengths_and_names(names))),
        Form::Variants(all) => {
            let held = |of: &Option<FieldType>| of.as_ref().map_or(0, field_type);
            let all: Vec<_> = all.iter().map(|one| combine(text(&one.name), held(&one.field_type))).collect();
            variants(&all)
        }
        Form::Struct(fields) => object(&fields.iter().map(field).collect::<Vec<_>>()),
        Form::Optional(of) => optional(field_type(of)),
        Form::Array { len, of } => array(len, field_type(of)),
        Form::List { max, of } => list(max, field_type(of)),
        Form::Text { max_len } => text(&format!("text;{max_len}")),
        Form::OneOf(of) => one_of(field_type(of)),
        Form::ReadyMade(row) => row.digest,
        Form::Version { prefix } => text(&format!("version{}", lengths_and_names(&[prefix]))),
        Form::Packages { names, prefixes, max } => {
            let (names, prefixes) = (lengths_and_names(names), lengths_and_names(prefixes));
            text(&format!("packages;{max};names{names};prefixes{prefixes}"))
        }
        Form::Pseudonym => text("pseudonym"),
    }
}

/// `;5:alpha;4:beta`: no two lists look alike, whatever stands in the names.
fn lengths_and_names<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().fold(String::new(), |mut text, name| {
        let name = name.as_ref();
        let _ = write!(text, ";{}:{name}", name.len());
        text
    })
}

#[cfg(test)]
mod tests;
