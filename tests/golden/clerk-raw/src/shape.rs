//! What fields an event of a golden has, read from all that the golden records under its name.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Why an event cannot be declared: the row of `docs/compatibility.md`, and what it is about.
pub type Refusal = (&'static str, String);

/// The longest text that is taken for a word of a list.
const WORD: usize = 64;

/// More values of one list are taken for a list of any length.
const LIST: usize = 256;

/// An event of more bytes may not fit into 32 KiB beside its envelope.
const EVENT: usize = 24 << 10;

/// The largest end of a range.
const SAFE: i64 = (1 << 53) - 1;

/// A field of a payload.
pub struct Field {
    /// Its key.
    pub key: String,
    /// Whether some payloads have no such key.
    pub optional: bool,
    /// What it holds.
    pub kind: Kind,
}

/// What a field holds.
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// One of these words.
    Word(BTreeSet<String>),
    /// An object.
    Group(Vec<Field>),
    /// A list of values of one kind.
    List {
        /// What each value is.
        of: Box<Kind>,
        /// Whether some of them are `null`.
        nulls: bool,
        /// Of exactly so many values, or of at most so many.
        len: Length,
    },
}

/// How many values a list has.
#[derive(Clone, Copy)]
pub enum Length {
    /// The same in all events.
    Exactly(usize),
    /// This at most.
    AtMost(usize),
}

impl Kind {
    /// Bytes that a value takes at most, in JSON.
    fn bytes(&self) -> usize {
        match self {
            Self::Flag => 5,
            Self::Number(..) => 17,
            Self::Word(words) => words.iter().map(String::len).max().unwrap_or(0).max("other".len()) + 2,
            Self::Group(fields) => bytes(fields),
            Self::List { of, len: Length::Exactly(len) | Length::AtMost(len), .. } => len * (of.bytes() + 1) + 2,
        }
    }
}

fn bytes(fields: &[Field]) -> usize {
    fields.iter().map(|field| field.key.len() + field.kind.bytes() + 4).sum::<usize>() + 2
}

/// The share of calls that are recorded, and the fields, of all events with one name.
///
/// # Errors
///
/// The row that says why there is no such event here.
pub fn of(events: &[&Value]) -> Result<(f64, Vec<Field>), Refusal> {
    let mut rates = Vec::new();
    let mut payloads = Vec::new();
    for event in events {
        if event["$js"].is_string() {
            return Err(("C126", "an event that is no object".into()));
        }
        let Some(name) = event["event"].as_str() else { return Err(("C11", "an event without a name".into())) };
        if !is_name(name, "_.:-") {
            return Err(("X4", format!("the name {name:?}")));
        }
        match &event["payload"] {
            Value::Object(payload) if payload.contains_key("$js") => return Err(("C10", payload["$js"].to_string())),
            Value::Object(payload) => payloads.push(payload),
            other => return Err(("C11", format!("the payload {other}"))),
        }
        rates.push(match event.get("eventSamplingRate") {
            None => 1.0,
            Some(rate) => rate.as_f64().ok_or(("X6", format!("the rate {rate}")))?,
        });
    }
    let rate = rates.first().copied().unwrap_or(1.0);
    if rates.iter().any(|other| (other - rate).abs() > f64::EPSILON) {
        return Err(("X6", format!("the rates {rates:?}")));
    }
    let fields = fields(&payloads)?;
    if bytes(&fields) > EVENT {
        return Err(("C14", "a payload of any size".into()));
    }
    Ok((rate, fields))
}

/// Whether an event or a field may have this name.
fn is_name(name: &str, signs: &str) -> bool {
    let known = |letter: char| letter.is_ascii_alphanumeric() || signs.contains(letter);
    (1..=WORD).contains(&name.len()) && name.chars().all(known)
}

fn fields(objects: &[&Map<String, Value>]) -> Result<Vec<Field>, Refusal> {
    let mut keys: Vec<&String> = Vec::new();
    for key in objects.iter().flat_map(|object| object.keys()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let field = |key: &String| {
        let values: Vec<&Value> = objects.iter().filter_map(|object| object.get(key)).collect();
        Ok(Field { key: key.clone(), optional: values.len() < objects.len(), kind: kind(key, &values)? })
    };
    keys.into_iter().map(field).collect()
}

fn kind(key: &str, values: &[&Value]) -> Result<Kind, Refusal> {
    let refuse = |row, what: &str| Err((row, format!("{key} is {what}")));
    if !is_name(key, "_.-") {
        return refuse("X4", "no key that can be declared");
    }
    if values.iter().any(|value| value.is_null()) {
        return refuse("X1", "null");
    }
    if let Some(lists) = values.iter().map(|value| value.as_array()).collect::<Option<Vec<_>>>() {
        return list(key, &lists);
    }
    if values.iter().any(|value| value.is_f64() || value["$js"].is_string()) {
        return refuse("C10", "no whole number, word or flag");
    }
    if values.iter().all(|value| value.is_boolean()) {
        return Ok(Kind::Flag);
    }
    if values.iter().any(|value| value.is_number() && value.as_i64().is_none_or(|n| n.abs() > SAFE)) {
        return refuse("C10", "a number beyond 2^53");
    }
    if let Some(numbers) = values.iter().map(|value| value.as_i64()).collect::<Option<Vec<_>>>() {
        let (least, most) = (numbers.iter().min(), numbers.iter().max());
        return Ok(Kind::Number(least.copied().unwrap_or(0), most.copied().unwrap_or(0)));
    }
    if let Some(words) = values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<BTreeSet<_>>>() {
        return match words.iter().find(|word| word.is_empty() || word.len() > WORD || !word.is_ascii()) {
            Some(long) if long.len() > 5 * 1024 => refuse("C14", "a text of any length"),
            Some(_) => refuse("X9", "free text"),
            None => Ok(Kind::Word(words)),
        };
    }
    if let Some(groups) = values.iter().map(|value| value.as_object()).collect::<Option<Vec<_>>>() {
        return Ok(Kind::Group(fields(&groups)?));
    }
    refuse("X5", "of several types")
}

/// Lists of one length are arrays. Others hold what needs no range: numbers have one by place.
fn list(key: &str, lists: &[&Vec<Value>]) -> Result<Kind, Refusal> {
    let longest = lists.iter().map(|list| list.len()).max().unwrap_or(0);
    if longest > LIST {
        return Err(("C14", format!("{key} is a list of any length")));
    }
    let fixed = lists.iter().all(|list| list.len() == longest);
    let all = || lists.iter().flat_map(|list| list.iter());
    let nulls = all().any(Value::is_null);
    let values: Vec<&Value> = all().filter(|value| !value.is_null()).collect();
    let of = if values.is_empty() { Kind::Flag } else { kind(key, &values)? };
    match of {
        _ if nulls && !fixed => Err(("X1", format!("{key} is a list of any length with null in it"))),
        Kind::Number(..) if !fixed => Err(("C10", format!("{key} is a list of any length of numbers"))),
        Kind::List { .. } if !fixed => Err(("C10", format!("{key} is a list of any length of lists"))),
        _ => {
            // An array without a value has nothing that says its type.
            let len = if fixed && longest > 0 { Length::Exactly(longest) } else { Length::AtMost(longest.max(1)) };
            Ok(Kind::List { of: Box::new(of), nulls, len })
        }
    }
}
