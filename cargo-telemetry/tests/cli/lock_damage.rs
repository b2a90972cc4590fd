//! Lock files that cannot be read: the message names the line and the next step.

use cargo_telemetry::lock::{self, Build, Lock, LockError};
use telemetry_schema::{FieldType, Manifest};

use crate::{
    kit::run,
    manifests::{self, event, field},
};

fn good() -> String {
    let events = vec![event("opened", vec![field("a", FieldType::Bool)])];
    Lock::new(Build::default(), &Manifest::new(vec![manifests::sdk()], events)).to_text()
}

fn line_of(text: &str, start: &str) -> usize {
    1 + text.lines().position(|line| line.contains(start)).unwrap()
}

#[test]
fn damage_is_named_with_its_line() {
    let good = good();
    let field_line = line_of(&good, "name = \"a\"");
    for (from, to, message) in [
        ("type = \"bool\"", "type = \"boo\"", format!("line {field_line}: type \"boo\": no type of this name")),
        ("type = \"bool\"", "type = \"enum\"", format!("line {field_line}: type \"enum\": `values` is missing")),
        (
            "type = \"bool\"",
            "type = \"bool\", values = [\"x\"]",
            format!("line {field_line}: type \"bool\": `values` does not go with this type"),
        ),
        (
            "type = \"bool\"",
            "type = \"array of many bool\"",
            format!("line {field_line}: type \"array of many bool\": \"many\" is no number that fits"),
        ),
        ("lock_version = 2", "lock_version = 3", "lock_version is 3; this tool knows versions up to 2".into()),
        (
            "lock_version = 2",
            "lock_version = 1",
            "lock_version is 1, a former format; this tool writes version 2".into(),
        ),
        ("lock_version = 2", "", "no lock file: `lock_version` is missing".into()),
    ] {
        let error = lock::parse(&good.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!error.hint().is_empty());
    }
    let unknown = good.replacen("kind = ", "kinds = \"event\"\nkind = ", 1);
    let error = lock::parse(&unknown).unwrap_err().to_string();
    assert!(error.starts_with(&format!("line {}: unknown field `kinds`", line_of(&unknown, "kinds"))), "{error}");
    let deep = format!("{}bool", "optional ".repeat(100_000));
    let error = lock::parse(&good.replacen("type = \"bool\"", &format!("type = \"{deep}\""), 1)).unwrap_err();
    assert!(matches!(&error, LockError::Type { message, .. } if message.contains("nested")), "no stack overflow");
}

#[test]
fn a_merge_conflict_is_named_and_lock_solves_it() {
    let folder = tempfile::tempdir().unwrap();
    let good = good().replace("features = []", "features = [\"kept\"]");
    let conflict = good.replacen("[[event]]", "<<<<<<< ours\n[[event]]\n=======\n>>>>>>> theirs", 1);
    let line = line_of(&conflict, "<<<<<<<");
    std::fs::write(folder.path().join("telemetry.lock"), &conflict).unwrap();
    manifests::write(&folder.path().join("m.json"), vec![event("opened", vec![field("a", FieldType::Bool)])]);

    let checked = run(folder.path(), &["check", "m.json"]);
    assert_eq!(checked.code, 78);
    assert_eq!(
        checked.stderr,
        format!(
            "error: telemetry.lock: line {line}: a marker of a merge conflict\n\
             help: solve the conflict in the sources, then run `cargo telemetry lock`: the file follows from them\n"
        )
    );
    let locked = run(folder.path(), &["lock", "m.json"]);
    assert_eq!(locked.code, 0, "{}", locked.stderr);
    assert!(locked.stderr.contains("written anew"), "{}", locked.stderr);
    assert_eq!(std::fs::read_to_string(folder.path().join("telemetry.lock")).unwrap(), good, "features are kept");
    assert_eq!(run(folder.path(), &["check", "m.json"]).code, 0);
}

#[test]
fn a_lock_file_of_a_later_version_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.lock");
    manifests::write(&folder.path().join("m.json"), vec![event("opened", vec![])]);
    std::fs::write(&path, "lock_version = 9\n[later]\nkey = 1\n").unwrap();
    let locked = run(folder.path(), &["lock", "m.json"]);
    assert_eq!(locked.code, 78);
    assert!(locked.stderr.contains("lock_version is 9"), "{}", locked.stderr);
    assert!(std::fs::read_to_string(&path).unwrap().contains("[later]"));
}
