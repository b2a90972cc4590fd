use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{own_manifest, validator, workspace};

/// What the models send and we do not; `tests/tests/golden.rs` says why, and that all others are sent byte for byte.
const REFUSED: [&str; 4] =
    ["clerk_browser_sdk_metadata", "clerk_event_framework_metadata", "clerk_meta_pk_only", "clerk_meta_short_secret"];

/// The bodies of the goldens validate, but for those that we never send.
#[test]
fn r30_the_schemas_take_every_golden_that_is_sent_as_it_is() {
    let (mut refused, mut taken) = (Vec::new(), 0);
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
            let body = match request["path"].as_str().unwrap().split_once("payload=") {
                Some((_, encoded)) => latin1_or_utf8(&STANDARD.decode(encoded).unwrap()),
                None => request["body"].as_str().unwrap().to_owned(),
            };
            if validator.is_valid(&serde_json::from_str(&body).unwrap()) {
                taken += 1;
            } else {
                refused.push(name.clone());
            }
        }
    }
    refused.sort();
    refused.dedup();
    assert_eq!(refused, REFUSED);
    assert!(taken > 50, "{taken}");
}

fn latin1_or_utf8(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}
