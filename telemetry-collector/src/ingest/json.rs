//! JSON as a collector of strangers' bytes reads it: bounded in depth, in keys and in what it costs to hold, and no key twice in one
//! object, since two readers would take different ones.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep values may lie in one another: a batch, its list, an event, a payload, and twelve below. The record of an event
/// rarely has four.
const DEPTH: usize = 16;

/// How many keys one object may have. An event has at most some dozens of fields.
const KEYS: usize = 256;

/// What a body may hold: each value and each key counts one, each object that has keys [`OBJECT`] more. 512 KiB of small objects
/// would take 40 MiB and 50 ms; within this bound it is some 4 MiB and a millisecond. A hundred events may have 150 fields each, and
/// one event of the largest size stays below it, whatever is in it. A client halves a batch that is over it, and goes on.
const VALUES: usize = 32_768;

/// What an object costs beside its keys and values: memory for eleven of them is taken with the first.
const OBJECT: usize = 3;

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    depth: usize,
    values: usize,
}

impl Bounds {
    /// Of payloads, and of batches of them.
    pub(super) const OURS: Self = Self { depth: DEPTH, values: VALUES };

    /// Of the messages of OpenTelemetry: each value of an event lies in two objects, and each level of a payload in four.
    pub(super) const OTLP: Self = Self { depth: 4 * DEPTH, values: 2 * VALUES };
}

/// Reads one value, and nothing behind it.
///
/// # Errors
///
/// That it is not such a value. The error quotes nothing of it.
pub(super) fn parse(bytes: &[u8], bounds: Bounds) -> Result<Value, Unread> {
    if holds_more(bytes, bounds.values) {
        return Err(Unread::TooMuch);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Bounded { depth: bounds.depth }.deserialize(&mut reader).map_err(|_| Unread::NotJson)?;
    reader.end().map_err(|_| Unread::NotJson)?;
    Ok(value)
}

/// Whether there is more than `most` in it, before any of it is made. Of what is no JSON, the reader says so.
fn holds_more(mut bytes: &[u8], most: usize) -> bool {
    let mut count = 1;
    while let Some((byte, rest)) = bytes.split_first() {
        bytes = rest;
        // The first value of a list or an object, what each comma divides from it, and each key by its colon.
        count += match byte {
            b'"' => {
                bytes = behind_text(bytes);
                0
            }
            b'[' if !begins_with(bytes, b']') => 1,
            b'{' if !begins_with(bytes, b'}') => 1 + OBJECT,
            b',' | b':' => 1,
            _ => 0,
        };
        if count > most {
            return true;
        }
    }
    false
}

/// What stands behind a text whose first mark was read.
fn behind_text(mut bytes: &[u8]) -> &[u8] {
    while let Some(place) = memchr::memchr2(b'"', b'\\', bytes) {
        let length = if bytes.get(place) == Some(&b'"') { 1 } else { 2 };
        bytes = bytes.get(place + length..).unwrap_or_default();
        if length == 1 {
            return bytes;
        }
    }
    &[]
}

/// Whether this is the next byte that is no space.
fn begins_with(bytes: &[u8], byte: u8) -> bool {
    bytes.trim_ascii_start().first() == Some(&byte)
}

/// Why nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is no JSON, too deep, or has a key twice.
    NotJson,
    /// It holds more than is allowed.
    TooMuch,
}

/// A value with so many levels left.
#[derive(Clone, Copy)]
struct Bounded {
    depth: usize,
}

impl Bounded {
    /// One level below.
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON within bounds")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(below)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(below)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key twice"));
            }
            if map.len() > KEYS {
                return Err(A::Error::custom("too many keys"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_is_read() {
        for text in ["{}", "[]", "null", r#"{"a":[1,-2,3.5,"x",true,null,{"b":{}}]}"#, " 7 "] {
            assert_eq!(parse(text.as_bytes(), Bounds::OURS).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn hostile_json_is_refused() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let wide = |keys| format!("{{{}}}", (0..keys).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
        for text in [deep(100_000), wide(1_000_000)] {
            assert_eq!(parse(text.as_bytes(), Bounds::OURS), Err(Unread::TooMuch));
        }
        let (deep, wide) = (deep(10_000), wide(10_000));
        for text in [
            deep.as_str(),
            wide.as_str(),
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            "NaN",
            "[1e999]",
            r#""\ud800""#,
            "{} {}",
            "{},",
            "",
            "{\"a\":\u{1}}",
            "[1,]",
            "'a'",
        ] {
            assert_eq!(
                parse(text.as_bytes(), Bounds::OURS),
                Err(Unread::NotJson),
                "{}",
                text.get(..40).unwrap_or(text)
            );
        }
        assert_eq!(parse(b"\"\xff\"", Bounds::OURS), Err(Unread::NotJson));
    }

    #[test]
    fn the_bound_of_depth_is_met_exactly() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(DEPTH).as_bytes(), Bounds::OURS).is_ok());
        assert_eq!(parse(nested(DEPTH + 1).as_bytes(), Bounds::OURS), Err(Unread::NotJson));
    }

    #[test]
    fn what_would_take_much_memory_is_not_read_to_its_end() {
        for one in [r#"{"a":1}"#, "[0]", "0", r#""""#] {
            let text = format!("[{}", format!("{one},").repeat(524_288 / one.len()));
            assert_eq!(parse(text.as_bytes(), Bounds::OURS), Err(Unread::TooMuch), "{one}");
        }
        // What stands in a text is none of it.
        for inside in ["[0,", r#"\""#, r#"\\\","#, "{{{{", r#"\\"#] {
            let text = format!("{:?}", inside.repeat(100_000));
            assert!(parse(text.as_bytes(), Bounds::OURS).is_ok(), "{inside}");
        }
        for (one, count) in
            [("0", 1), ("{}", 1), ("{ }", 1), ("[ ]", 1), (r#"{"a":1}"#, 3 + OBJECT), (r#"["{",[1]]"#, 4)]
        {
            let list = |n: usize| format!("[{}{one}]", format!("{one} , ").repeat(n - 1));
            let most = (VALUES - 1) / count;
            assert!(parse(list(most).as_bytes(), Bounds::OURS).is_ok(), "{one}");
            assert_eq!(parse(list(most + 1).as_bytes(), Bounds::OURS), Err(Unread::TooMuch), "{one}");
        }
        // The largest event that is allowed, whatever it is made of.
        for one in [r#"{"":0}"#, r#"{"a":1,"b":2}"#, "[0]", "0", "{}", r#"{"":{"":0}}"#] {
            let many = format!("{one},").repeat(32_768 / (one.len() + 1) - 2);
            assert!(parse(format!("[{many}0]").as_bytes(), Bounds::OURS).is_ok(), "{one}");
        }
    }
}
