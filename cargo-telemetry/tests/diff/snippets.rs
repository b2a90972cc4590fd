//! Manifests by what is special about them: patches of `fixtures/base.json`.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

/// The folder of the fixtures.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("diff/fixtures")
}

/// The SDK and the event that every fixture starts from.
pub(crate) fn base() -> Value {
    let text = fs::read_to_string(folder().join("base.json")).expect("base.json can be read");
    serde_json::from_str(&text).expect("base.json is JSON")
}

/// A manifest of one patched SDK and one patched event each per entry of `sdks` and `events`; without a list, of one
/// that is not patched. A patch is a merge patch (RFC 7386).
pub(crate) fn manifest(snippet: &Value) -> Manifest {
    let base = base();
    let patched = |key: &str, kind: &str| -> Vec<Value> {
        let patches = snippet.get(key).cloned().unwrap_or_else(|| json!([{}]));
        let patches = patches.as_array().expect("a list of patches").clone();
        patches
            .iter()
            .map(|patch| {
                let mut value = base[kind].clone();
                merge(&mut value, patch);
                value
            })
            .collect()
    };
    let unknown = snippet.as_object().expect("an object").keys().find(|key| !["sdks", "events"].contains(&&***key));
    assert_eq!(unknown, None, "a snippet has `sdks` and `events`");
    let sdks: Vec<SdkDescriptor> = patched("sdks", "sdk").into_iter().map(read).collect();
    let events: Vec<EventDescriptor> = patched("events", "event").into_iter().map(read).collect();
    Manifest::new(sdks, events)
}

fn read<T: serde::de::DeserializeOwned + serde::Serialize>(value: Value) -> T {
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value:#}"));
    // A key that is misspelt would be ignored, and the fixture would test nothing.
    let written = serde_json::to_value(&read).expect("descriptors can be written");
    for key in value.as_object().expect("an object").keys() {
        assert!(written.get(key).is_some(), "no descriptor has the key {key:?}: {value:#}");
    }
    read
}

fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let object = value.as_object_mut().expect("made one above");
    for (key, patch) in patch {
        match patch {
            Value::Null => drop(object.remove(key)),
            patch => merge(object.entry(key).or_insert(Value::Null), patch),
        }
    }
}
