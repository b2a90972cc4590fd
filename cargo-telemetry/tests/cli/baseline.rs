//! `check --baseline REVISION`: what has changed since a revision of git, by its own files.

use std::{path::Path, process::Command};

use serde_json::Value;
use telemetry_schema::{EventDescriptor, FieldType};

use crate::{
    kit::{Ended, run},
    manifests::{self, event, field},
};

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
    ]);
    let ended =
        command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

fn write(folder: &Path, events: Vec<EventDescriptor>) {
    manifests::write(&folder.join("m.json"), events);
    assert_eq!(run(folder, &["lock", "m.json"]).code, 0);
}

/// A repository whose first commit, tagged `v1`, has one event and the rules `rules`. The package lies in a folder of it.
fn repository(rules: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("package");
    std::fs::create_dir(&folder).unwrap();
    git(root.path(), &["init", "--quiet", "--initial-branch", "main"]);
    std::fs::write(folder.join("telemetry-check.toml"), rules).unwrap();
    write(&folder, vec![event("opened", vec![field("a", FieldType::Bool)])]);
    git(root.path(), &["add", "."]);
    git(root.path(), &["commit", "--quiet", "-m", "one"]);
    git(root.path(), &["tag", "v1"]);
    root
}

#[track_caller]
fn found(ended: &Ended) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    json["findings"].as_array().unwrap().iter().map(|one| (text(one, "rule"), text(one, "message"))).collect()
}

#[test]
fn a09_what_is_wider_than_at_a_revision_is_found_though_the_lock_file_says_it_too() {
    let root = repository("");
    let folder = root.path().join("package");
    let check = |more: &[&str]| run(&folder, &[&["check", "m.json", "--format", "json"], more].concat());
    assert_eq!(check(&["--baseline", "v1"]).code, 0, "nothing has changed");

    // Locked and consistent, so the gate holds; and yet more can be sent than before.
    let mut wider = event("opened", vec![field("a", FieldType::Bool), field("b", FieldType::CountBucket)]);
    wider.purpose = Some("to build profiles".into());
    write(&folder, vec![wider]);
    assert_eq!(check(&[]).code, 0);
    for revision in ["v1", "main", "HEAD"] {
        let ended = check(&["--baseline", revision]);
        assert_eq!(ended.code, 1, "{revision}");
        let findings = found(&ended);
        assert!(findings.iter().all(|(rule, _)| rule == "baseline-wider"), "{findings:?}");
        let says =
            |word: &str| findings.iter().any(|(_, message)| message.contains(word) && message.contains(revision));
        assert!(says("field-added") && says("purpose-changed"), "{findings:?}");
    }
    // Nothing was checked out or written.
    assert!(std::fs::read_to_string(folder.join("telemetry.lock")).unwrap().contains("to build profiles"));

    // Less is no reason to fail.
    let mut narrower = event("opened", vec![field("a", FieldType::Bool)]);
    narrower.sample = 0.5;
    write(&folder, vec![narrower]);
    let ended = check(&["--baseline", "v1"]);
    assert_eq!((ended.code, found(&ended)[0].0.as_str()), (0, "baseline-narrower"), "{}", ended.stdout);
}

#[test]
fn a09_rules_that_were_loosened_since_a_revision_still_find() {
    let root = repository("[deny]\nfree_text = true\n");
    let folder = root.path().join("package");
    write(&folder, vec![event("opened", vec![field("a", FieldType::Text { max_len: 8 })])]);
    let check = |more: &[&str]| run(&folder, &[&["check", "m.json", "--format", "json"], more].concat());
    let rules = |ended: &Ended| found(ended).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    assert_eq!(rules(&check(&[])), ["free-text"]);
    assert_eq!(rules(&check(&["--baseline", "v1"])).iter().filter(|rule| *rule == "free-text").count(), 1, "told once");
    for loosened in [
        "",
        "[[allow]]\nevent = \"acme/opened\"\nrule = \"free-text\"\nreason = \"Somebody wanted it so.\"\n[deny]\nfree_text = true\n",
    ] {
        std::fs::write(folder.join("telemetry-check.toml"), loosened).unwrap();
        assert_eq!(check(&[]).code, 0);
        let findings = found(&check(&["--baseline", "v1"]));
        let told =
            findings.iter().any(|(rule, message)| rule == "free-text" && message.ends_with("(by the rules of v1)"));
        assert!(told, "{findings:?}");
    }
}

#[test]
fn a09_a_revision_that_cannot_be_read_says_why() {
    let root = repository("");
    let folder = root.path().join("package");
    for revision in ["v9", "-v", "--output=x", "v1:telemetry.lock", ""] {
        let ended = run(&folder, &["check", "m.json", &format!("--baseline={revision}")]);
        assert_eq!((ended.code, ended.stdout.as_str()), (64, ""), "{revision}: {}", ended.stderr);
        assert!(ended.stderr.contains("no revision `"), "{}", ended.stderr);
    }
    assert!(!folder.join("x").exists());
    // A revision from before the lock file: everything is new.
    git(root.path(), &["rm", "--quiet", "--cached", "-r", "package"]);
    git(root.path(), &["commit", "--quiet", "-m", "two"]);
    let ended = run(&folder, &["check", "m.json", "--format", "json", "--baseline", "HEAD"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("HEAD:telemetry.lock is not there, so everything counts as new"), "{}", ended.stderr);
    let findings = found(&ended);
    assert!(findings.iter().any(|(_, message)| message.contains("event-added")), "{findings:?}");
    // Outside of a repository there is none.
    let alone = tempfile::tempdir().unwrap();
    write(alone.path(), vec![]);
    let ended = run(alone.path(), &["check", "m.json", "--baseline", "HEAD"]);
    assert_eq!(ended.code, 64, "{}", ended.stderr);
}
