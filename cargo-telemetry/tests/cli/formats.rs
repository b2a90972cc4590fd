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

/// The JSON of `diff` and `absent` has schemas as the others have, closed as well.
#[test]
fn a09_diff_and_absent_follow_their_published_schemas() {
    let ((diff, _), (absent, _)) = (schema("diff.schema.json"), schema("absent.schema.json"));
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    manifests::write(&path("old.json"), every_type());
    let mut changed = every_type();
    changed[0].fields.remove(0);
    changed[0].fields.push(field("more", FieldType::Text { max_len: 8 }));
    changed[0].purpose = Some("\u{9b}31m\u{202e}to build profiles".into());
    let mut sdk = manifests::sdk();
    sdk.contact.push('x');
    std::fs::write(path("new.json"), Manifest::new(vec![sdk], changed).to_json()).unwrap();
    let differing = run(folder.path(), &["diff", "old.json", "new.json", "--format", "json"]);
    let value = validate(&diff, &differing.stdout);
    assert!(value["counts"]["wider"].as_u64() > Some(0) && value["findings"].as_array().unwrap().len() > 2);
    validate(&diff, &run(folder.path(), &["diff", "old.json", "old.json", "--format", "json"]).stdout);

    // A program with records, a text, something packed, and an endpoint that is asked for.
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"));
    std::fs::write(path("packed.zst"), [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]).unwrap();
    std::fs::write(path("note.txt"), "https://telemetry.acme.example\n").unwrap();
    std::fs::write(path("record"), b"\x7fELF \x7fTLM2{broken\n").unwrap();
    let endpoint = ["--endpoint", "telemetry.acme.example"];
    for searched in [program.to_str().unwrap(), "note.txt", "packed.zst", "record", "."] {
        let ended = run(folder.path(), &[&["absent", searched, "--format", "json"], &endpoint[..]].concat());
        validate(&absent, &ended.stdout);
    }
    for (validator, json, pointer) in [(&diff, &value, ""), (&diff, &value, "/findings/0")] {
        let mut extended = json.clone();
        extended.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("surprise".into(), Value::Null);
        assert!(!validator.is_valid(&extended), "{pointer}");
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
