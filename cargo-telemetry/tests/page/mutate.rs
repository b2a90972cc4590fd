//! For every rule of a schema, one body that breaks that rule and no other.
//!
//! The walk visits every keyword. For each it makes a body that is valid and reaches the rule, breaks the rule, and asks
//! the validator: the one error must name the keyword's place. A rule that cannot be broken alone is decoration and
//! fails the test, and so does a keyword that the walk does not know.

use serde_json::{Map, Value, json};

use crate::{errors, own_manifest, validator};

/// A keyword at a place of the schema; of `required`, one of its names.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The keys from the top of the schema to its node.
    at: Vec<String>,
    keyword: String,
    /// The key that must be there, for `required`.
    key: Option<String>,
}

impl Rule {
    fn path(&self) -> String {
        let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
        let place: String = self.at.iter().map(|key| format!("/{}", escaped(key))).collect();
        format!("{place}/{}", self.keyword)
    }
}

/// All rules below a node.
fn rules(node: &Value, at: &[String], found: &mut Vec<Rule>) {
    let below = |key: &str| [at, &[key.to_owned()]].concat();
    for (keyword, value) in node.as_object().unwrap() {
        match keyword.as_str() {
            // Words for people.
            "$schema" | "title" | "description" => {}
            // No rule: it chooses between rules.
            "if" => {}
            "then" | "else" | "items" => rules(value, &below(keyword), found),
            "allOf" => {
                for (number, branch) in value.as_array().unwrap().iter().enumerate() {
                    rules(branch, &[below(keyword), vec![number.to_string()]].concat(), found);
                }
            }
            "properties" => {
                for (name, schema) in value.as_object().unwrap() {
                    rules(schema, &[below(keyword), vec![name.clone()]].concat(), found);
                }
            }
            "required" => found.extend(value.as_array().unwrap().iter().map(|key| Rule {
                at: at.to_vec(),
                keyword: keyword.clone(),
                key: Some(key.as_str().unwrap().to_owned()),
            })),
            // `anyOf` is one rule here. The alternatives are schemas of their own; see `with_alternatives`.
            "anyOf"
            | "type"
            | "const"
            | "enum"
            | "pattern"
            | "maxLength"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "minItems"
            | "maxItems"
            | "minProperties"
            | "maxProperties"
            | "additionalProperties" => {
                found.push(Rule { at: at.to_vec(), keyword: keyword.clone(), key: None });
            }
            other => panic!("the walk does not know {other:?} at {at:?}"),
        }
    }
}

/// A value that satisfies `node` and goes through `target`, a place below it.
fn sample(node: &Value, target: &[String]) -> Value {
    let inner = |key: &str| match target.split_first() {
        Some((first, rest)) if first == key => rest,
        _ => &[],
    };
    if let Some(value) = node.get("const") {
        return value.clone();
    }
    if let Some(values) = node.get("enum") {
        return values[0].clone();
    }
    if let Some(condition) = node.get("if") {
        // Optional values, and variants with and without a value.
        let first = target.first().map(String::as_str);
        let branch = if node.get("then").is_some() && first == Some("then") { "then" } else { "else" };
        assert!(condition.get("type").is_some(), "{condition}");
        return sample(&node[branch], inner(branch));
    }
    if let Some(branches) = node.get("allOf") {
        return event(node, branches.as_array().unwrap(), target);
    }
    if let Some(alternatives) = node.get("anyOf") {
        return sample(&alternatives[0], &[]);
    }
    if let Some(properties) = node.get("properties") {
        return Value::Object(object(node, properties.as_object().unwrap(), inner("properties")));
    }
    match node["type"].as_str() {
        Some("boolean") => json!(true),
        Some("integer") => node.get("minimum").cloned().unwrap_or(json!(0)),
        Some("number") => node.get("maximum").cloned().unwrap_or(json!(0.5)),
        Some("array") if node["maxItems"] == 0 => json!([]),
        Some("array") => {
            let item = sample(&node["items"], inner("items"));
            Value::Array(vec![item; node["minItems"].as_u64().unwrap_or(1) as usize])
        }
        Some("string") => text(node),
        Some("object") => json!({}),
        other => panic!("no sample of {other:?}"),
    }
}

fn object(node: &Value, properties: &Map<String, Value>, target: &[String]) -> Map<String, Value> {
    let wanted = target.first().map(String::as_str);
    let rest = |key: &str| if wanted == Some(key) { &target[1..] } else { &[] };
    let all = properties.iter().map(|(key, schema)| (key.clone(), sample(schema, rest(key))));
    if node.get("maxProperties").is_some() {
        let chosen = wanted.unwrap_or_else(|| properties.keys().next().unwrap()).to_owned();
        return all.filter(|(key, _)| *key == chosen).collect();
    }
    all.collect()
}

/// One event of a batch: what all share, and what the branch of the target asks for.
fn event(node: &Value, branches: &[Value], target: &[String]) -> Value {
    let wanted = match target {
        [all_of, number, ..] if all_of == "allOf" => number.parse().unwrap(),
        _ => branches.iter().position(is_common).unwrap_or(0),
    };
    let (called, payload_key) =
        if node["properties"].get("event").is_some() { ("event", "payload") } else { ("eventName", "attributes") };
    let name = |branch: &Value| branch["if"]["properties"][called]["const"].clone();
    // A branch that only says how to tell events apart needs another one for the rest of the payload.
    let payload = &branches[wanted]["then"]["properties"][payload_key];
    let full = match payload.get("additionalProperties").or(payload.get("anyOf")) {
        Some(_) => wanted,
        None => {
            let of_name = |branch: &Value| {
                branch["if"]["properties"].get(payload_key).is_some() && name(branch) == name(&branches[wanted])
            };
            branches.iter().position(of_name).unwrap()
        }
    };
    let (branch, rest) = (&branches[full], if full == wanted { target.get(3..).unwrap_or_default() } else { &[] });
    let then = branch["then"]["properties"].as_object().unwrap();
    let mut event = Map::new();
    for (key, schema) in node["properties"].as_object().unwrap() {
        let below = match target {
            [first, second, rest @ ..] if first == "properties" && second == key => rest,
            _ => &[],
        };
        if !then.contains_key(key) && schema.as_object().unwrap().keys().any(|keyword| keyword != "description") {
            event.insert(key.clone(), sample(schema, below));
        }
    }
    event.insert(called.to_owned(), name(branch));
    for (key, schema) in then {
        let below = match rest {
            [first, second, rest @ ..] if first == "properties" && second == key => rest,
            [first, rest @ ..] if first == key => rest,
            _ => &[],
        };
        let mut value = match schema.get("properties") {
            Some(properties) if key == payload_key => {
                let within = if below.first().is_some_and(|first| first == "properties") { &below[1..] } else { &[] };
                let telling = branch["if"]["properties"].get(payload_key).map(|payload| payload["properties"].clone());
                let telling = telling.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
                let free: Map<_, _> = properties
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter(|(name, _)| !telling.contains_key(*name))
                    .map(|(name, schema)| (name.clone(), schema.clone()))
                    .collect();
                let mut value = object(schema, &free, within);
                value.extend(telling.iter().map(|(name, schema)| (name.clone(), sample(schema, &[]))));
                Value::Object(value)
            }
            _ => sample(schema, below),
        };
        if key == payload_key && !value.is_object() {
            value = json!({});
        }
        event.insert(key.clone(), value);
    }
    Value::Object(event)
}

/// Whether a branch is that of an event with a rate that is not bounded further; see `add_rate`.
fn is_common(branch: &Value) -> bool {
    branch["then"].get("required").is_none()
        && ["payload", "attributes"]
            .iter()
            .any(|payload| branch["then"]["properties"][*payload].get("additionalProperties").is_some())
}

/// Text for a pattern: the first of these that fits.
fn text(node: &Value) -> Value {
    let Some(pattern) = node.get("pattern") else { return json!("x") };
    let pattern = validator(&json!({ "pattern": pattern }));
    let candidates = [
        "1.2.3",
        "v1.2.3",
        "6.18",
        "@acme/core",
        "@refinedev/core",
        "pk_test_aW5zdGFuY2UuZXhhbXBsZSQ",
        "01a20132-3f80-7c1e-9a4b-5d2f7e8c6a10",
        "2026-11-22T03:00:00Z",
        "1795316400000000000",
        "3f0a6c1d9be24785a1c0d4e2f7835b69",
    ];
    let found = candidates.into_iter().find(|text| pattern.is_valid(&json!(text)));
    json!(found.unwrap_or_else(|| panic!("no candidate fits {node}")))
}

/// The place in the body that a place in the schema speaks of.
fn locate<'a>(body: &'a mut Value, at: &[String]) -> &'a mut Value {
    match at {
        [] => body,
        [keyword, name, rest @ ..] if keyword == "properties" => locate(&mut body[name.as_str()], rest),
        [keyword, rest @ ..] if keyword == "items" => locate(&mut body[0], rest),
        [keyword, _, rest @ ..] if keyword == "allOf" => locate(body, rest),
        [keyword, rest @ ..] if keyword == "then" || keyword == "else" => locate(body, rest),
        other => panic!("no place for {other:?}"),
    }
}

fn node<'a>(schema: &'a Value, at: &[String]) -> &'a Value {
    at.iter().fold(schema, |node, key| match node {
        Value::Array(nodes) => &nodes[key.parse::<usize>().unwrap()],
        node => &node[key.as_str()],
    })
}

/// Breaks the rule at its place.
fn break_rule(value: &mut Value, rule: &Rule, node: &Value) {
    let bound = &node[rule.keyword.as_str()];
    let beside = |step: i64| json!(bound.as_i64().unwrap() + step);
    match rule.keyword.as_str() {
        "anyOf" => *value = json!(7),
        "type" => *value = if bound == "string" { json!(7) } else { json!("another type") },
        "const" => *value = json!("another word"),
        "enum" => *value = if bound[0].is_number() { json!(3) } else { json!("another word") },
        "pattern" => *value = json!("!"),
        "maxLength" => {
            let longer = "a".repeat(bound.as_u64().unwrap() as usize + 1);
            *value =
                json!(format!("{}{longer}", if node.get("pattern").is_some() { value.as_str().unwrap() } else { "" }));
        }
        "minimum" => *value = beside(-1),
        "maximum" if bound.is_f64() => *value = json!(bound.as_f64().unwrap() + 0.001),
        "maximum" => *value = beside(1),
        "exclusiveMinimum" | "exclusiveMaximum" => *value = bound.clone(),
        "minItems" => drop(value.as_array_mut().unwrap().pop()),
        "maxItems" => {
            let items = value.as_array_mut().unwrap();
            let item = items.first().cloned().unwrap_or(json!(true));
            items.resize(bound.as_u64().unwrap() as usize + 1, item);
        }
        "required" => drop(value.as_object_mut().unwrap().remove(rule.key.as_deref().unwrap()).unwrap()),
        "additionalProperties" => {
            let object = value.as_object_mut().unwrap();
            if node.get("maxProperties").is_some() {
                object.clear(); // One more would be one too many as well.
            }
            object.insert("nobody declared this".to_owned(), json!(1));
        }
        "minProperties" => *value = json!({}),
        "maxProperties" => {
            let properties = node["properties"].as_object().unwrap();
            *value = Value::Object(properties.iter().map(|(key, schema)| (key.clone(), sample(schema, &[]))).collect());
        }
        other => panic!("cannot break {other}"),
    }
}

/// A schema, and every alternative in it as a schema of its own.
fn with_alternatives(schema: &Value) -> Vec<Value> {
    fn collect(node: &Value, found: &mut Vec<Value>) {
        match node {
            Value::Object(keys) => {
                found.extend(keys.get("anyOf").and_then(Value::as_array).into_iter().flatten().cloned());
                keys.values().for_each(|value| collect(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = vec![schema.clone()];
    collect(schema, &mut found);
    found
}

/// Every rule of a schema with a body that keeps all of them, and the same body with that one broken.
pub(crate) fn cases(schema: &Value) -> Vec<(Rule, Value, Value)> {
    let mut found = Vec::new();
    rules(schema, &[], &mut found);
    found
        .into_iter()
        .map(|rule| {
            let good = sample(schema, &rule.at);
            let mut bad = good.clone();
            break_rule(locate(&mut bad, &rule.at), &rule, node(schema, &rule.at));
            (rule, good, bad)
        })
        .collect()
}

#[test]
fn r30_every_rule_of_a_schema_refuses_what_breaks_it_alone() {
    let mut total = 0;
    for sdk in &own_manifest().sdks {
        let whole = cargo_telemetry::json_schema::of(own_manifest(), &sdk.sdk).unwrap();
        for schema in with_alternatives(&whole) {
            let validator = validator(&schema);
            let mut refused = 0;
            for (rule, good, bad) in cases(&schema) {
                let none = errors(&validator, &good);
                assert!(none.is_empty(), "{}: {}: {none:#?}\n{good:#}", sdk.sdk, rule.path());
                let found: Vec<_> = validator.iter_errors(&bad).map(|error| error.schema_path().to_string()).collect();
                assert_eq!(found, [rule.path()], "{}: {rule:?}\n{bad:#}", sdk.sdk);
                refused += 1;
            }
            // Counted a second way: the schema has as many keywords as there were refusals.
            assert_eq!(refused, keywords(&schema), "{}", sdk.sdk);
            total += refused;
        }
    }
    assert!(total > 300, "{total} rules");
    eprintln!("{total} rules, each with a body that breaks it alone");
}

/// How many rules a schema has, by its keywords alone; what stands below `if` are no rules.
fn keywords(node: &Value) -> usize {
    match node {
        Value::Object(keys) => keys
            .iter()
            .map(|(key, value)| match key.as_str() {
                "if" | "description" | "title" | "$schema" => 0,
                "properties" => value.as_object().unwrap().values().map(keywords).sum(),
                "required" => value.as_array().unwrap().len(),
                "then" | "else" | "items" | "allOf" => keywords(value),
                _ => 1,
            })
            .sum(),
        Value::Array(values) => values.iter().map(keywords).sum(),
        _ => 0,
    }
}

/// The same verdicts from a validator in another language, where there is one.
#[test]
fn a_second_validator_agrees() {
    const SCRIPT: &str = "\
import json, sys
from jsonschema import Draft202012Validator as V
for case in json.load(sys.stdin):
    v = V(case['schema'])
    V.check_schema(case['schema'])
    for body in case['good']:
        if list(v.iter_errors(body)): sys.exit(f'refused: {body}')
    for body in case['bad']:
        if not list(v.iter_errors(body)): sys.exit(f'taken: {body}')
";
    let there = std::process::Command::new("python3").args(["-c", "import jsonschema"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("TELEMETRY_TESTS_TOOLS").is_none(), "python3 has no package jsonschema");
        eprintln!("NOT RUN: python3 has no package jsonschema; see scripts/audit-tools");
        return;
    }
    let input: Vec<_> = own_manifest()
        .sdks
        .iter()
        .map(|sdk| {
            let schema = cargo_telemetry::json_schema::of(own_manifest(), &sdk.sdk).unwrap();
            let (good, bad): (Vec<_>, Vec<_>) = cases(&schema).into_iter().map(|(_, good, bad)| (good, bad)).unzip();
            json!({ "schema": schema, "good": good, "bad": bad })
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.json");
    std::fs::write(&path, Value::from(input).to_string()).unwrap();
    let output = std::process::Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(std::fs::File::open(path).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Events that share a name and have no field that tells them apart are alternatives.
#[test]
fn events_that_cannot_be_told_apart_are_alternatives() {
    let mut manifest = own_manifest().clone();
    let mut other = crate::events(&manifest, "page-strict")[0].clone();
    other.discriminant = Some("Other".to_owned());
    other.fields[0].name = "often".to_owned();
    manifest.events.push(other);
    let manifest = telemetry_schema::Manifest::new(manifest.sdks, manifest.events);
    let schema = cargo_telemetry::json_schema::of(&manifest, "page-strict").unwrap();
    let validator = validator(&schema);
    let body = |payload: Value| {
        json!({"events": [{"event": "happened", "cv": "1.2.3", "it": "development", "sdk": "page-strict",
            "sdkv": "1.2.3", "payload": payload}]})
    };
    assert!(validator.is_valid(&body(json!({"times": 3}))));
    assert!(validator.is_valid(&body(json!({"often": 0}))));
    for payload in [json!({"times": 4}), json!({"often": 4}), json!({"times": 1, "often": 1}), json!({})] {
        assert!(!validator.is_valid(&body(payload.clone())), "{payload}");
    }
}

/// What is never recorded has no schema to pass.
#[test]
fn where_events_conflict_nothing_is_valid() {
    let mut manifest = own_manifest().clone();
    let mut other = crate::events(&manifest, "page-report")[0].clone();
    other.event = "also_succeeded".to_owned();
    manifest.events.push(other);
    let schema = cargo_telemetry::json_schema::of(&manifest, "page-report").unwrap();
    assert!(!validator(&schema).is_valid(&json!({"files": true})), "a report has room for one event");
    assert!(cargo_telemetry::json_schema::of(&manifest, "nobody").is_none());
}
