//! JSON as a collector of strangers' bytes reads it: bounded in depth and in keys, and no key twice in one object, since two
//! readers would take different ones.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep values may lie in one another: a batch, its list, an event, a payload, and twelve below. The record of an event
/// rarely has four.
const DEPTH: usize = 16;

/// How many keys one object may have. An event has at most some dozens of fields.
const KEYS: usize = 256;

/// Reads one value, and nothing behind it.
///
/// # Errors
///
/// That it is not such a value. The error quotes nothing of it.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, NotJson> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Bounded(DEPTH).deserialize(&mut reader).map_err(|_| NotJson)?;
    reader.end().map_err(|_| NotJson)?;
    Ok(value)
}

/// What was read is no JSON, or beyond the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

/// A value with so many levels left.
struct Bounded(usize);

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
        let below = self.0.checked_sub(1).ok_or_else(|| A::Error::custom("too deep"))?;
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(Bounded(below))? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let below = self.0.checked_sub(1).ok_or_else(|| A::Error::custom("too deep"))?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Bounded(below))?;
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
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn hostile_json_is_refused() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let wide = format!("{{{}}}", (0..1_000_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
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
            assert_eq!(parse(text.as_bytes()), Err(NotJson), "{}", text.get(..40).unwrap_or(text));
        }
        assert_eq!(parse(b"\"\xff\""), Err(NotJson));
    }

    #[test]
    fn the_bound_of_depth_is_met_exactly() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(nested(DEPTH + 1).as_bytes()), Err(NotJson));
    }
}
