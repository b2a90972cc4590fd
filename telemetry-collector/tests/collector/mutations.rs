//! Every single change of a valid event is refused, with its reason. Events and changes are made from manifests: one with
//! every type that a field can have, and those of real programs.

use serde_json::{Map, Value, json};
use telemetry_runtime::schema::{FieldDescriptor, FieldType, Identity, Instance, Manifest, Wire, ready_made::OS_NAMES};

use crate::{
    harness::{Running, batch, extended, id, manifest, refused, taken},
    otlp,
};

/// A field of each type, some within others.
fn every_type(wire: Value) -> Manifest {
    let words = json!({ "enum": ["small", "large"] });
    let inner = json!({ "struct": [{ "name": "deep", "type": "bool" }, { "name": "maybe", "type": { "optional": { "int": { "min": 0, "max": 1 } } } }] });
    let fields = json!([
        { "name": "flag", "type": "bool" },
        { "name": "few", "type": { "int": { "min": -3, "max": 7 } } },
        { "name": "many", "type": { "int": { "min": 0, "max": 1_000_000 } } },
        { "name": "byte", "type": { "unbounded": "u8" }, "reason": "r" },
        { "name": "wide", "type": { "unbounded": "u64" }, "reason": "r" },
        { "name": "signed", "type": { "unbounded": "i64" }, "reason": "r" },
        { "name": "word", "type": words },
        { "name": "shape", "type": { "variants": [{ "name": "plain" }, { "name": "full", "type": { "int": { "min": 1, "max": 2 } } }] } },
        { "name": "inner", "type": inner },
        { "name": "optional", "type": { "optional": "bool" } },
        { "name": "pair", "type": { "array": { "len": 2, "of": "bool" } } },
        { "name": "list", "type": { "list": { "max": 3, "of": words } } },
        { "name": "holes", "type": { "list": { "max": 2, "of": { "optional": "bool" } } } },
        { "name": "text", "type": { "text": { "max_len": 8 } }, "reason": "r" },
        { "name": "known", "type": { "one_of": { "enum": ["next", "vite"] } } },
        { "name": "count", "type": "count_bucket" },
        { "name": "took", "type": "duration_bucket" },
        { "name": "version", "type": { "version": { "prefix": "v" } } },
        { "name": "os", "type": "os" },
        { "name": "os_version", "type": "os_version" },
        { "name": "packages", "type": { "packages": { "names": ["acme"], "prefixes": ["@acme/"], "max": 2 } } },
        { "name": "person", "type": "pseudonym" },
    ]);
    manifest("acme", "1.0.0", "https://t.example", wire, fields)
}

/// A value that the type allows.
fn valid(field_type: &FieldType) -> Value {
    match field_type {
        FieldType::Bool => json!(true),
        FieldType::Int { min, .. } => json!(min),
        FieldType::Unbounded(_) => json!(5),
        FieldType::Enum(words) => json!(words[0]),
        FieldType::Variants(variants) => match &variants[0].field_type {
            None => json!(variants[0].name),
            Some(of) => json!({ &variants[0].name: valid(of) }),
        },
        FieldType::Struct(fields) => payload(fields),
        FieldType::Optional(of) => valid(of),
        FieldType::Array { len, of } => vec![valid(of); *len].into(),
        FieldType::List { max, of } => vec![valid(of); *max].into(),
        FieldType::Text { max_len } => json!("x".repeat(*max_len)),
        FieldType::OneOf(_) => json!("other"),
        FieldType::CountBucket | FieldType::DurationBucket => json!(1024),
        FieldType::Version { prefix } => json!(format!("{prefix}1.2.3-rc.1")),
        FieldType::Os => json!(OS_NAMES[0]),
        FieldType::OsVersion => json!("6.18"),
        FieldType::Packages { names, prefixes, .. } => {
            let name = names.first().cloned().or_else(|| Some(format!("{}x", prefixes.first()?)));
            name.map_or(json!([]), |name| json!([{ "name": name, "version": "1.0.0" }]))
        }
        FieldType::Pseudonym => json!("0123456789abcdef0123456789abcdef"),
    }
}

fn payload(fields: &[FieldDescriptor]) -> Value {
    Value::Object(fields.iter().map(|field| (field.name.clone(), valid(&field.field_type))).collect())
}

/// Values that the type does not allow, each with the reason.
fn invalid(field_type: &FieldType) -> Vec<(Value, &'static str)> {
    let mut made: Vec<(Value, &str)> = match field_type {
        FieldType::Bool => vec![],
        FieldType::Int { min, max } => vec![
            (json!(min - 1), "out_of_range"),
            (json!(max + 1), "out_of_range"),
            (json!(1e300), "out_of_range"),
            (json!(*min as f64 + 0.5), "wrong_type"),
        ],
        FieldType::Unbounded(name) => match name.as_str() {
            "u8" => vec![(json!(-1), "out_of_range"), (json!(256), "out_of_range")],
            "u64" => vec![(json!(-1), "out_of_range"), (json!(2e19), "out_of_range")],
            _ => vec![(json!(-1e19), "out_of_range"), (json!(1e19), "out_of_range")],
        },
        FieldType::Enum(words) => {
            vec![(json!(""), "unknown_variant"), (json!(format!("{}x", words[0])), "unknown_variant")]
        }
        FieldType::OneOf(_) | FieldType::Os => {
            vec![(json!(""), "unknown_variant"), (json!("Other"), "unknown_variant")]
        }
        FieldType::Variants(variants) => {
            let mut made = vec![
                (json!("none"), "unknown_variant"),
                (json!({ "none": 1 }), "unknown_variant"),
                (json!({}), "unknown_variant"),
                (json!({ "a": 1, "b": 2 }), "unknown_variant"),
            ];
            for variant in variants {
                match &variant.field_type {
                    None => made.push((json!({ &variant.name: true }), "unknown_variant")),
                    Some(of) => {
                        made.push((json!(variant.name), "unknown_variant"));
                        made.extend(
                            invalid(of).into_iter().map(|(value, reason)| (json!({ &variant.name: value }), reason)),
                        );
                    }
                }
            }
            made
        }
        FieldType::Struct(fields) => of_payload(fields),
        FieldType::Optional(of) => return invalid(of).into_iter().filter(|(value, _)| !value.is_null()).collect(),
        FieldType::Array { len, of } => {
            let elements = invalid(of).into_iter().map(|(value, reason)| {
                let mut values = vec![valid(of); *len];
                values[len - 1] = value;
                (json!(values), reason)
            });
            let lengths = [*len - 1, *len + 1].map(|len| (json!(vec![valid(of); len]), "wrong_length"));
            elements.chain(lengths).collect()
        }
        FieldType::List { max, of } => {
            let elements = invalid(of).into_iter().map(|(value, reason)| (json!([valid(of), value]), reason));
            let elements: Vec<_> = if *max > 1 { elements.collect() } else { Vec::new() };
            elements.into_iter().chain([(json!(vec![valid(of); max + 1]), "wrong_length")]).collect()
        }
        FieldType::Text { max_len } => vec![
            (json!("x".repeat(max_len + 1)), "too_long"),
            // As many characters, but more bytes.
            (json!("é".repeat(*max_len)), "too_long"),
        ],
        FieldType::CountBucket | FieldType::DurationBucket => {
            vec![
                (json!(3), "out_of_range"),
                (json!(-1), "out_of_range"),
                (json!(0.5), "wrong_type"),
                (json!(2_f64.powi(53)), "out_of_range"),
            ]
        }
        FieldType::Version { .. } => {
            vec![(json!("1.2"), "bad_format"), (json!("v1.2.3-jane"), "bad_format"), (json!(""), "bad_format")]
        }
        FieldType::OsVersion => vec![(json!("Debian"), "bad_format"), (json!("1.2.3.4"), "bad_format")],
        FieldType::Packages { names, prefixes, max } => {
            let one = valid(field_type);
            let one = one.as_array().unwrap().first().cloned();
            let mut made = vec![
                (json!([{ "name": "secret-project" }]), "unknown_variant"),
                (json!([{}]), "missing_field"),
                (json!([7]), "wrong_type"),
            ];
            if let Some(one) = one {
                let name = &one["name"];
                made.push((json!([{ "name": name, "version": "latest" }]), "bad_format"));
                made.push((json!([{ "name": name, "more": 1 }]), "unknown_field"));
                made.push((json!(vec![one.clone(); max + 1]), "wrong_length"));
            }
            assert!(!names.is_empty() || !prefixes.is_empty());
            made
        }
        FieldType::Pseudonym => vec![(json!("NONE"), "bad_format"), (json!("jane"), "bad_format")],
    };
    // And every kind of JSON that it is not.
    let right = valid(field_type);
    for other in [json!(null), json!(false), json!(7), json!("text"), json!([]), json!({})] {
        let is_same_kind = std::mem::discriminant(&other) == std::mem::discriminant(&right);
        let is_variant = matches!(field_type, FieldType::Variants(_)) && (other.is_string() || other.is_object());
        if !is_same_kind && !is_variant {
            made.push((other, "wrong_type"));
        }
    }
    made
}

/// Payloads with one change each.
fn of_payload(fields: &[FieldDescriptor]) -> Vec<(Value, &'static str)> {
    let right = payload(fields);
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut value = right.clone();
        change(value.as_object_mut().unwrap());
        value
    };
    let mut made = vec![(changed(&|keys| _ = keys.insert("__proto__".to_owned(), json!({}))), "unknown_field")];
    for field in fields {
        if !matches!(field.field_type, FieldType::Optional(_)) {
            made.push((changed(&|keys| _ = keys.remove(&field.name)), "missing_field"));
        }
        for (value, reason) in invalid(&field.field_type) {
            made.push((changed(&|keys| _ = keys.insert(field.name.clone(), value.clone())), reason));
        }
    }
    made
}

#[test]
fn each_change_of_each_type_is_refused_with_its_reason() {
    let manifest = every_type(json!({ "event_batch": { "strict": false } }));
    let fields = &manifest.events[0].fields;
    let running = Running::with(&[&manifest]);
    assert_eq!(running.post("/v1/event", &batch(&[extended(0, "acme", payload(fields))])).json(), taken(1, 0));
    let schema = cargo_telemetry::json_schema::of(&manifest, "acme").unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let changes = of_payload(fields);
    assert!(changes.len() > 180, "{}", changes.len());
    for (number, (payload, reason)) in changes.into_iter().enumerate() {
        let events = json!({ "events": [extended(1 + number as u64, "acme", payload)] });
        assert_eq!(running.post("/v1/event", &events.to_string()).json(), refused(reason), "{events}");
        // The schema that `cargo telemetry schema` gives to others says the same; it counts characters, not bytes.
        let is_bytes = events.to_string().contains('é');
        assert!(is_bytes || !schema.is_valid(&events), "the schema allows {events}");
    }
    assert_eq!(running.stored(), 1);
}

/// The same changes in records of logs have the same reasons.
#[test]
fn each_change_of_each_type_is_refused_in_otlp_too() {
    let manifest = every_type(json!("otlp"));
    let fields = &manifest.events[0].fields;
    let running = Running::with(&[&manifest]);
    let ask = |number: u64, payload: &Value| {
        let answer = otlp::post_to(&running, "/v1/logs", &otlp::declared("acme", number, payload));
        (answer.status, answer.json())
    };
    assert_eq!(ask(0, &payload(fields)), (200, json!({})));
    for (number, (payload, reason)) in (1..).zip(of_payload(fields)) {
        assert_eq!(ask(number, &payload), (200, otlp::rejected(reason)), "{payload}");
    }
    assert_eq!(running.stored(), 1);
}

#[test]
fn each_change_of_the_keys_beside_a_payload_is_refused_with_its_reason() {
    let fields = json!([{ "name": "on", "type": "bool" }]);
    let mut sampled =
        manifest("acme", "1.0.0", "https://t.example", json!({ "event_batch": { "strict": false } }), fields.clone());
    let mut rare = sampled.events[0].clone();
    rare.event = "rare".to_owned();
    rare.sample = 0.5;
    sampled.events.push(rare);
    let mut strict = manifest(
        "strict",
        "1.0.0",
        "https://t.example/s",
        json!({ "event_batch": { "strict": true } }),
        fields.clone(),
    );
    let plain =
        manifest("plain", "1.0.0", "https://t.example/p", json!({ "event_batch": { "strict": false } }), fields);
    sampled.sdks[0].instance = Some(Instance::Optional);
    sampled.sdks[0].identity = Some(Identity::Rotating(30));
    strict.sdks[0].instance = Some(Instance::Required);
    let running = Running::with(&[&sampled, &strict, &plain]);
    let mut numbers = 1..;
    let mut ask = |path: &str, mut event: Value, key: &str, value: Option<Value>| {
        if event.get("id").is_some() && key != "id" {
            event["id"] = json!(id(numbers.next().unwrap()));
        }
        match value {
            Some(value) => event[key] = value,
            None => _ = event.as_object_mut().unwrap().remove(key),
        }
        running.post(path, &batch(&[event])).json()
    };
    let event = extended(0, "acme", json!({ "on": true }));
    let strict = json!({ "event": "thing_used", "cv": "1.0.0", "it": "development", "sdk": "strict", "sdkv": "1.0.0", "payload": { "on": true } });
    let pk = "pk_test_ZGVtby5hY21lLmV4YW1wbGUk";
    // What may be there.
    for (key, value) in [
        ("pk", Some(json!(pk))),
        ("rate", Some(json!(0.5))),
        ("actor", Some(json!("ci"))),
        ("installation", Some(json!("9b1f63d0c24e4a7f8d5e0a7719c3e8b2"))),
        ("sdk", Some(json!("@acme/next"))),
    ] {
        assert_eq!(ask("/v1/event", event.clone(), key, value), taken(1, 0), "{key}");
    }
    for (key, value) in [
        ("pk", Some(json!(pk))),
        ("sdk", None),
        ("sdkv", None),
        ("cv", Some(json!(""))),
        ("sk", Some(json!("sk_test_ABC"))),
    ] {
        assert_eq!(ask("/s/v1/event", strict.clone(), key, value), taken(1, 0), "{key}");
    }
    // What may not.
    let wrong = |key: &str| -> Vec<Value> {
        let mut wrong = vec![json!(null), json!(7), json!([]), json!({})];
        wrong.extend(match key {
            "event" => vec![],
            "cv" | "sdkv" => vec![json!("one"), json!("1.0"), json!("1.0.0 CANARY")],
            "sdk" => vec![json!("a b"), json!("x".repeat(65))],
            "pk" => vec![json!(""), json!("pk_live_ZGVtbw"), json!("sk_test_ABCDEFGH"), json!("jane")],
            "id" => vec![json!(""), json!("01a20169-2e00-4620-8dad-684fa772674a"), json!("jane")],
            "ts" => vec![json!(""), json!("2026-11-22T04:17:00Z"), json!("2026-11-22"), json!("yesterday")],
            "actor" => vec![json!(""), json!("Human"), json!("jane")],
            "ephemeral" => vec![json!("false")],
            "rate" => vec![json!(0), json!(1), json!(-0.5), json!(1.5), json!("0.5")],
            "it" => vec![json!("production"), json!("")],
            "installation" => vec![json!(""), json!("9B1F63D0C24E4A7F8D5E0A7719C3E8B2"), json!("jane")],
            _ => unreachable!(),
        });
        wrong
    };
    for (path, event, required, optional) in [
        (
            "/v1/event",
            &event,
            ["event", "cv", "sdk", "sdkv", "id", "ts", "actor", "ephemeral"].as_slice(),
            ["pk", "rate", "installation"].as_slice(),
        ),
        ("/s/v1/event", &strict, ["event", "cv", "it"].as_slice(), ["pk", "sdk", "sdkv"].as_slice()),
    ] {
        for key in required {
            assert_eq!(ask(path, event.clone(), key, None), refused("missing_key"), "{key}");
        }
        for key in required.iter().chain(optional) {
            for value in wrong(key).into_iter().filter(|value| !(*key == "rate" && *value == 7)) {
                assert_eq!(ask(path, event.clone(), key, Some(value.clone())), refused("bad_key"), "{key}: {value}");
            }
        }
        for (key, value, reason) in [
            ("event", json!("CANARY"), "unknown_event"),
            ("canary", json!(1), "unknown_key"),
            ("__proto__", json!({}), "unknown_key"),
            ("payload", json!([]), "wrong_type"),
            ("payload", json!(null), "wrong_type"),
            ("payload", json!("text"), "wrong_type"),
            ("payload", json!({}), "missing_field"),
        ] {
            assert_eq!(ask(path, event.clone(), key, Some(value.clone())), refused(reason), "{key}: {value}");
        }
    }
    assert_eq!(ask("/v1/event", event.clone(), "it", Some(json!("development"))), refused("unknown_key"));
    assert_eq!(ask("/s/v1/event", strict.clone(), "id", Some(json!(id(1)))), refused("unknown_key"));
    // An SDK whose service has no instances knows no key.
    assert_eq!(ask("/p/v1/event", event.clone(), "pk", Some(json!(pk))), refused("unknown_key"));
    let installation = json!("9b1f63d0c24e4a7f8d5e0a7719c3e8b2");
    assert_eq!(ask("/p/v1/event", event.clone(), "installation", Some(installation)), refused("unknown_key"));
    assert_eq!(ask("/v1/event", event.clone(), "payload", None), refused("missing_key"));
    assert_eq!(ask("/s/v1/event", strict.clone(), "payload", None), refused("missing_field"));
    // An event that is sampled says its rate, and no higher one.
    let mut rare = event.clone();
    rare["event"] = json!("rare");
    assert_eq!(ask("/v1/event", rare.clone(), "rate", Some(json!(0.25))), taken(1, 0));
    assert_eq!(ask("/v1/event", rare.clone(), "rate", Some(json!(0.6))), refused("bad_key"));
    assert_eq!(ask("/v1/event", rare, "rate", None), refused("missing_key"));
    assert_eq!(running.stored(), 11);
}

/// What became of the changes of all events of one SDK.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Changes {
    /// Events that were taken as they are.
    pub(crate) right: u64,
    /// Changes that were refused, each with its reason.
    pub(crate) refused: u64,
    /// Changes that another event of the name allows.
    pub(crate) others: u64,
}

/// Sends a valid event of each record of an SDK, in the SDK's own format, and each single change of its payload.
pub(crate) fn change_each(all: &Manifest, name: &str) -> Changes {
    let sdk = all.sdks.iter().find(|sdk| sdk.sdk == name).unwrap();
    let events: Vec<_> = all.events.iter().filter(|event| event.sdk == name).cloned().collect();
    let manifest = Manifest::new(vec![sdk.clone()], events.clone());
    let running = Running::with(&[&manifest]);
    let schema = cargo_telemetry::json_schema::of(&manifest, name).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let (mut changes, mut numbers) = (Changes::default(), 1..);
    for event in &events {
        let rate = sdk.sample * event.sample;
        let mut sent = |payload: &Value| match sdk.wire {
            Wire::EventBatch { strict: true } => json!({ "events": [{
                "event": event.event, "cv": "1.0.0", "it": "development", "sdk": "acme", "sdkv": "1.0.0", "payload": payload,
            }] }),
            Wire::EventBatch { strict: false } => {
                let mut extended = extended(numbers.next().unwrap(), "acme", payload.clone());
                extended["event"] = json!(event.event);
                if rate < 1.0 {
                    extended["rate"] = json!(rate);
                }
                json!({ "events": [extended] })
            }
            Wire::Beacon | Wire::Report => payload.clone(),
            Wire::Otlp => unreachable!("of none of these SDKs"),
        };
        let ask = |sent: &Value| match sdk.wire {
            Wire::Beacon => {
                use base64::Engine as _;
                let coded = base64::engine::general_purpose::STANDARD.encode(sent.to_string());
                running.request("GET", &format!("/telemetry?payload={coded}"), &[], b"")
            }
            Wire::Report => running.post("/cli", &sent.to_string()),
            _ => running.post("/v1/event", &sent.to_string()),
        };
        let valid = sent(&payload(&event.fields));
        assert_eq!(ask(&valid).json()["accepted"], 1, "{name}: {valid}");
        changes.right += 1;
        for (changed, reason) in of_payload(&event.fields) {
            let sent = sent(&changed);
            // The schema counts characters of a text, not bytes.
            if schema.is_valid(&sent) && !sent.to_string().contains('é') {
                // Another event of this name allows it.
                assert_eq!(ask(&sent).json()["accepted"], 1, "{sent}");
                changes.others += 1;
                continue;
            }
            assert_eq!(ask(&sent).json(), refused(reason), "{name} {}: {sent}", event.event);
            changes.refused += 1;
        }
    }
    assert_eq!(running.stored(), changes.right + changes.others);
    changes
}

/// The same for all events of real programs, in all formats: what is valid is taken, each change of a payload is refused.
#[test]
fn each_change_of_real_events_is_refused() {
    let own = telemetry_collector::registry::source::read(&std::env::current_exe().unwrap()).unwrap();
    let all = ["clerk-core", "refine-core", "refine-cli"].map(|name| change_each(&own, name));
    let checked: u64 = all.iter().map(|changes| changes.refused).sum();
    let others: u64 = all.iter().map(|changes| changes.others).sum();
    assert!(checked > 1000 && others < checked / 10, "{all:?}");
}
