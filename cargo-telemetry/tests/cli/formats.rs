//! JSON follows the published schemas; text and Markdown cannot be abused.

use jsonschema::Validator;
use serde_json::Value;
use telemetry_schema::{FieldType, Manifest};

use crate::{
    kit::{Package, run, snapshot, workspace},
    manifests::{self, event, field},
    packages,
};

fn schema(name: &str) -> (Validator, Value) {
    let path = workspace().join("docs/schemas").join(name);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{name} is a schema");
    (jsonschema::options().build(&schema).unwrap(), schema)
}

#[track_caller]
fn validate(validator: &Validator, json: &str) -> Value {
    let value: Value = serde_json::from_str(json).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}\n{json}", errors.join("\n"));
    value
}

/// One event with every type.
fn every_type() -> Vec<telemetry_schema::EventDescriptor> {
    let text = include_str!("every-type.json");
    vec![event("every_type", serde_json::from_str(text).unwrap())]
}

#[test]
fn lists_and_checks_follow_their_published_schemas() {
    let ((list, schema), (check, _)) = (schema("list.schema.json"), schema("check.schema.json"));
    let types: Vec<_> =
        every_type()[0].fields.iter().map(|field| serde_json::to_value(&field.field_type).unwrap()).collect();
    let words: std::collections::BTreeSet<String> = types
        .iter()
        .map(|value| {
            value
                .as_str()
                .map(str::to_owned)
                .unwrap_or_else(|| value.as_object().unwrap().keys().next().unwrap().clone())
        })
        .collect();
    let described = schema["$defs"]["type"]["oneOf"].as_array().unwrap();
    let plain = described[0]["enum"].as_array().unwrap().len();
    assert_eq!(words.len(), plain + described.len() - 1, "the fixture has every type of the schema: {words:?}");

    let folder = tempfile::tempdir().unwrap();
    manifests::write(&folder.path().join("m.json"), every_type());
    let listed = run(folder.path(), &["list", "m.json", "--format", "json"]);
    let value = validate(&list, &listed.stdout);
    validate(&list, &run(folder.path(), &["show", "every_type", "m.json", "--format", "json"]).stdout);
    let checked = run(folder.path(), &["check", "m.json", "--format", "json"]);
    assert_eq!(checked.code, 1);
    validate(&check, &checked.stdout);

    // A list is a manifest too: it can be read back, and gives the same list.
    std::fs::write(folder.path().join("list.json"), &listed.stdout).unwrap();
    assert_eq!(run(folder.path(), &["list", "list.json", "--format", "json"]).stdout, listed.stdout);
    let _: Manifest = serde_json::from_str(&listed.stdout).unwrap();

    // The schema is closed: what it does not know is refused.
    for pointer in ["", "/events/0", "/sdks/0", "/events/0/fields/0"] {
        let mut extended = value.clone();
        extended.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("surprise".into(), Value::Null);
        assert!(!list.is_valid(&extended), "{pointer}");
    }
}

#[test]
fn the_list_of_a_real_program_follows_the_schema() {
    let package = Package::new("formats-demo", packages::RUNTIME);
    package.write("src/main.rs", &packages::program());
    let listed = package.run(&["list", "--format", "json"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let value = validate(&schema("list.schema.json").0, &listed.stdout);
    assert_eq!(value["events"][0]["key"], "demo/file_opened");
    assert_eq!(value["events"][0]["fields"][0]["name"], "open_files");
    snapshot("list.txt", &package.run(&["list", "--quiet"]).stdout);
    snapshot("list.md", &package.run(&["list", "--quiet", "--format", "markdown"]).stdout);
    snapshot("show.txt", &package.run(&["show", "--quiet", "file_opened"]).stdout);
}

#[test]
fn text_of_a_binary_neither_moves_the_cursor_nor_becomes_markup() {
    let folder = tempfile::tempdir().unwrap();
    let mut hostile = event("opened", vec![field("a|b", FieldType::Bool)]);
    hostile.doc = "\u{1b}[2J\u{202e}<script>alert(1)</script>\n# heading `code` | cell\r\u{9b}31m".into();
    hostile.fields[0].doc = hostile.doc.clone();
    hostile.owner = Some(hostile.doc.clone());
    manifests::write(&folder.path().join("m.json"), vec![hostile]);
    for arguments in [
        &["list", "m.json"][..],
        &["show", "opened", "m.json"],
        &["list", "m.json", "--format", "markdown"],
        &["show", "opened", "m.json", "--format", "markdown"],
        &["check", "m.json"],
        &["check", "m.json", "--format", "markdown"],
    ] {
        let ended = run(folder.path(), arguments);
        let hidden = ended.stdout.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(hidden, None, "{arguments:?}");
        if arguments.contains(&"markdown") {
            assert!(!ended.stdout.contains("<script>") && !ended.stdout.contains("\n# heading"), "{}", ended.stdout);
            assert!(!ended.stdout.contains("| a|b |"), "{}", ended.stdout);
        }
    }
}
