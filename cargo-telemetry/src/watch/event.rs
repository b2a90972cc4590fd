//! An event as debug mode prints it: its name, and the JSON that would be sent.

use serde_json::{Map, Value};
use telemetry_schema::{Carries, Wire};

use crate::wire;

/// Name and payload of an event, if the line shows one.
pub(super) fn of(wire: Wire, line: &str) -> Option<(&str, Map<String, Value>)> {
    let (name, json) = line.split_once(' ')?;
    let sent: Value = serde_json::from_str(json).ok()?;
    let payload = match wire.carries() {
        Carries::Events => sent.get(wire::keys(wire).payload)?.as_object()?.clone(),
        Carries::Payload | Carries::Address => sent.as_object()?.clone(),
        Carries::Records => {
            let attributes = map(sent.pointer("/scopeLogs/0/logRecords/0/attributes")?)?;
            let is_field = |key: &str| key != "log.record.uid" && !key.starts_with("telemetry.");
            attributes.into_iter().filter(|(key, _)| is_field(key)).collect()
        }
    };
    Some((name, payload))
}

/// Attributes of OTLP as an object.
fn map(attributes: &Value) -> Option<Map<String, Value>> {
    let pair = |attribute: &Value| Some((attribute.get("key")?.as_str()?.to_owned(), value(attribute.get("value")?)?));
    attributes.as_array()?.iter().map(pair).collect()
}

fn value(of: &Value) -> Option<Value> {
    let Some((kind, inside)) = of.as_object()?.iter().next() else { return Some(Value::Null) };
    Some(match kind.as_str() {
        "intValue" => inside.as_str()?.parse::<i64>().ok()?.into(),
        "arrayValue" => Value::Array(inside.get("values")?.as_array()?.iter().map(value).collect::<Option<_>>()?),
        "kvlistValue" => map(inside.get("values")?)?.into(),
        _ => inside.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use telemetry_schema::otlp;

    use super::*;

    #[test]
    fn the_payload_is_found_in_every_format() {
        let payload = json!({ "on": true, "n": -7, "text": "a \"b\"", "list": [1, null], "inner": { "deep": {} } });
        for wire in Wire::ALL {
            let sent = match wire.carries() {
                Carries::Events => json!({ "event": "used", "payload": payload, "id": "1" }).to_string(),
                Carries::Payload | Carries::Address => payload.to_string(),
                Carries::Records => {
                    let mut attributes = Vec::new();
                    otlp::push_attributes(&mut attributes, payload.to_string().as_bytes()).unwrap();
                    let fields = String::from_utf8(attributes).unwrap();
                    let beside = r#"{"key":"telemetry.actor","value":{"stringValue":"ci"}}"#;
                    format!(r#"{{"scopeLogs":[{{"logRecords":[{{"attributes":[{fields},{beside}]}}]}}]}}"#)
                }
            };
            let line = format!("used {sent}");
            let (name, found) = of(wire, &line).unwrap();
            assert_eq!((name, Value::Object(found)), ("used", payload.clone()), "{wire:?}");
        }
        for line in ["debug: nothing to send", "used", "used {", "used 7", ""] {
            assert_eq!(of(Wire::EventBatch { strict: true }, line), None, "{line}");
        }
    }
}
