use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{own_manifest, validator, workspace};

/// Whether we have no counterpart of a request, by the rows of `docs/compatibility.md`: log entries (C2), encrypted bodies
/// (V1), keys that a batch of ours has or has not (C5, C6), events that are recorded without a helper, and floats (C10).
fn has_no_counterpart(path: &str, body: &Value) -> bool {
    let events = body["events"].as_array().map_or(&[][..], Vec::as_slice);
    path == "/v1/logs"
        || path == "/send"
        || events.iter().any(|event| {
            let floats = event["payload"].as_object().is_some_and(|payload| payload.values().any(Value::is_f64));
            !event["sk"].is_null() || event["sdk"].is_null() || floats || !is_of_a_helper(&event["event"])
        })
}

fn is_of_a_helper(name: &Value) -> bool {
    let prefixes = ["COMPONENT_", "METHOD_", "FRAMEWORK_", "THEME_", "FLOW_STEP_", "CUSTOM"];
    name.as_str().is_some_and(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
}

/// The bodies of the goldens validate, but for those that we never send.
#[test]
fn r30_the_schemas_take_every_golden_that_is_sent_as_it_is() {
    let mut taken = 0;
    for entry in fs::read_dir(workspace().join("tests/golden/data")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let sdk = match name.split('_').take(2).collect::<Vec<_>>().as_slice() {
            ["clerk", _] => "clerk-core",
            ["refine", "core"] => "refine-core",
            _ => "refine-cli",
        };
        let schema = cargo_telemetry::json_schema::of(own_manifest(), sdk).unwrap();
        let validator = validator(&schema);
        let golden: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for request in golden["requests"].as_array().unwrap() {
            let target = request["path"].as_str().unwrap();
            let body = match target.split_once("payload=") {
                Some((_, encoded)) => latin1_or_utf8(&STANDARD.decode(encoded).unwrap()),
                None => request["body"].as_str().unwrap().to_owned(),
            };
            let body = serde_json::from_str(&with_whole_characters(&body)).unwrap_or_default();
            let without = has_no_counterpart(target, &body);
            assert_ne!(validator.is_valid(&body), without, "{name}: {target} {body}");
            taken += usize::from(!without);
        }
    }
    assert!(taken > 100, "{taken}");
}

fn latin1_or_utf8(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The text with the replacement character for halves of a surrogate pair, which JavaScript writes and Rust has no text for.
/// JavaScript escapes nothing else so.
fn with_whole_characters(json: &str) -> String {
    let mut parts = json.split("\\ud");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let half = part.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']);
        whole += if half { "\\ufffd" } else { "\\ud" };
        whole += if half { part.get(3..).unwrap_or_default() } else { part };
    }
    whole
}
