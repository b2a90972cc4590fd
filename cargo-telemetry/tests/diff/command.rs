//! The command, as scripts call it: what it reads, what it prints where, and how it ends.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cargo_telemetry::lock::{Build, Lock};
use serde_json::{Value, json};

use crate::snippets::manifest;

/// Two files of each kind in a folder: `old` and `new`, which has one more field.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fields = json!([
            { "name": "entries", "type": { "int": { "min": 0, "max": 255 } }, "doc": "How many entries it lists." },
            { "name": "dark", "type": "bool" },
        ]);
        let new = json!({ "events": [{ "version": "2.0.0", "at": "src/dialog.rs:40", "fields": fields }] });
        for (name, snippet) in [("old", json!({})), ("new", new), ("words", json!({ "sdks": [{ "contact": "x" }] }))] {
            let manifest = manifest(&snippet);
            fs::write(folder.path().join(format!("{name}.json")), manifest.to_json()).unwrap();
            let lock = Lock::new(Build::default(), &manifest);
            fs::write(folder.path().join(format!("{name}.lock")), lock.to_text()).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn diff(&self, old: &str, new: &str, more: &[&str]) -> Output {
        diff(&self.path(old), &self.path(new), more)
    }
}

fn diff(old: &Path, new: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"));
    command.args(["telemetry", "diff"]).arg(old).arg(new).args(more).output().expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{output:?}"))
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn files_of_all_kinds_are_compared_with_each_other() {
    let files = Files::new();
    for old in ["old.json", "old.lock"] {
        for same in ["old.json", "old.lock"] {
            let output = files.diff(old, same, &[]);
            assert_eq!((code(&output), out(&output), err(&output)), (0, "no difference\n", ""), "{old} {same}");
        }
        for new in ["new.json", "new.lock"] {
            let output = files.diff(old, new, &["--format", "json"]);
            assert_eq!((code(&output), err(&output)), (1, ""), "{old} {new}");
            let found: Value = serde_json::from_str(out(&output)).unwrap();
            assert_eq!(found["counts"], json!({ "wider": 1, "breaking": 0, "narrower": 0, "note": 0 }), "{old} {new}");
            let finding = &found["findings"][0];
            assert_eq!(finding["rule"], "field-added");
            assert_eq!(finding["field"], "dark");
            // Lock files hold no places.
            let at = if new.ends_with("json") || old.ends_with("json") { json!(true) } else { json!(false) };
            assert_eq!(json!(finding.get("at").is_some()), at, "{old} {new}");
        }
    }
    let output = files.diff("old.json", "new.json", &[]);
    assert!(out(&output).contains("src/dialog.rs:40"), "the place in the new program: {output:?}");
}

#[test]
fn the_exit_code_follows_the_severity_that_is_asked_for() {
    let files = Files::new();
    let cases = [
        ("new.lock", vec![], 1),
        ("new.lock", vec!["--fail-on", "wider"], 1),
        ("words.lock", vec![], 1),
        ("words.lock", vec!["--fail-on", "narrower"], 0),
        ("words.lock", vec!["--fail-on", "wider"], 0),
        ("old.lock", vec!["--fail-on", "note"], 0),
    ];
    for (new, more, expected) in cases {
        let output = files.diff("old.lock", new, &more);
        assert_eq!(code(&output), expected, "{new} {more:?}: {output:?}");
        assert_eq!(out(&output) == "no difference\n", new == "old.lock", "what is found is printed all the same");
    }
    // The other way round a field is gone, which receivers notice and users do not mind.
    assert_eq!(code(&files.diff("new.lock", "old.lock", &["--fail-on", "breaking"])), 1);
    assert_eq!(code(&files.diff("new.lock", "old.lock", &["--fail-on", "wider"])), 0);
    assert_eq!(code(&files.diff("new.lock", "old.lock", &["--fail-on", "worse"])), 64);
}

#[test]
fn what_cannot_be_compared_is_no_empty_answer() {
    let files = Files::new();
    fs::write(files.path("text.txt"), "some text\n").unwrap();
    fs::write(files.path("other.json"), "{\"some\": \"json\"}\n").unwrap();
    fs::write(files.path("damaged.lock"), "[lock]\nlock_version = \n").unwrap();
    // A program without telemetry: this one.
    fs::copy(env!("CARGO_BIN_EXE_cargo-telemetry-tested"), files.path("program")).unwrap();
    let cases = [("text.txt", 2), ("other.json", 2), ("damaged.lock", 78), ("program", 2), ("missing", 66)];
    for (name, expected) in cases {
        for (old, new) in [(name, "old.lock"), ("old.lock", name)] {
            let output = files.diff(old, new, &[]);
            assert_eq!(code(&output), expected, "{old} {new}: {output:?}");
            assert!(out(&output).is_empty() && err(&output).contains(name), "{old} {new}: {output:?}");
        }
    }
    let output =
        Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")).args(["telemetry", "diff"]).output().unwrap();
    assert_eq!(code(&output), 64, "{output:?}");
}

#[test]
fn help_shows_how_it_is_called() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")).args(["diff", "--help"]).output().unwrap();
    assert_eq!(code(&output), 0);
    for part in ["cargo telemetry diff", "Examples:", "--fail-on", "wider", "Exit codes: 0 no difference", "--format"] {
        assert!(out(&output).contains(part), "{part}: {}", out(&output));
    }
}

/// The same data for another end: a gate on `wider` must not let it pass.
#[test]
fn a09_another_purpose_fails_a_gate_on_wider() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, purpose: &str| {
        let path = folder.path().join(name);
        let manifest = manifest(&json!({ "events": [{ "purpose": purpose }] }));
        fs::write(&path, manifest.to_json()).unwrap();
        path
    };
    let (old, new) = (write("old.json", "which dialogs"), write("new.json", "to build advertising profiles"));
    let ended = diff(&old, &new, &["--fail-on", "wider"]);
    assert_eq!(code(&ended), 1, "{}", out(&ended));
    assert!(out(&ended).contains("purpose-changed"), "{}", out(&ended));
    assert_eq!(code(&diff(&old, &old, &["--fail-on", "wider"])), 0);
}
