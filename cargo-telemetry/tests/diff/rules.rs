//! Every rule: its text, and a pair of manifests in which it finds something.

use std::{collections::BTreeSet, fs};

use cargo_telemetry::{
    diff::{Finding, Id, Severity, Side, diff, diff_sides, render, rules},
    lock::{Build, Lock},
};
use serde_json::{Value, json};

use crate::snippets::{folder, manifest};

/// Compares with a file, or writes it where `BLESS` is set.
pub(crate) fn snapshot(path: &std::path::Path, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs. If this is what it should say: BLESS=1 cargo test -p cargo-telemetry-tests --test diff\n\
         --- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}

fn snippet(rule: &str, side: &str) -> Value {
    let path = folder().join(rule).join(side);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is found between two snippets: of manifests, or of lock files with `builds`, a snippet for each name.
fn found(old: &Value, new: &Value) -> Vec<Finding> {
    let lock = |snippet: &Value| {
        let builds = snippet["builds"].as_object()?;
        let manifests: Vec<_> = builds.iter().map(|(name, snippet)| (name.as_str(), manifest(snippet))).collect();
        let declared = builds.keys().map(|name| Build { name: name.clone(), ..Build::default() }).collect();
        Some(Lock::of(declared, manifests.iter().map(|(name, manifest)| (*name, manifest))))
    };
    match (lock(old), lock(new)) {
        (Some(old), Some(new)) => diff_sides(&Side::of_lock(&old), &Side::of_lock(&new)),
        _ => diff(&manifest(old), &manifest(new)),
    }
}

#[test]
fn every_rule_has_a_text_and_every_text_a_rule() {
    let written: Vec<_> = rules::groups().iter().flat_map(|group| &group.rules).collect();
    let ids: BTreeSet<_> = written.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), written.len(), "a rule stands in two tables");
    assert_eq!(ids, Id::ALL.iter().copied().collect());
    for rule in written {
        assert_eq!(rules::of(rule.id), rule);
        let sentence =
            |text: &str| text.ends_with('.') && text.starts_with(|char: char| char.is_uppercase() || char == '`');
        assert!(sentence(&rule.reason) && sentence(&rule.advice), "{}: whole sentences", rule.id);
        assert!(!rule.summary.ends_with('.') && !rule.summary.is_empty(), "{}: a few words", rule.id);
    }
}

#[test]
fn every_rule_finds_what_its_fixture_shows() {
    for id in Id::ALL {
        let (old, new) = (snippet(id.word(), "old.json"), snippet(id.word(), "new.json"));
        let findings = found(&old, &new);
        assert!(findings.iter().any(|finding| finding.rule.id == *id), "{id}: {findings:#?}");
        let text = anstream::adapter::strip_str(&render::text(&findings)).to_string();
        snapshot(&folder().join(id.word()).join("expected.txt"), &text);
    }
    let folders = fs::read_dir(folder()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), Id::ALL.len() + 1, "a fixture that no rule asks for; `formats` is the one beside them");
}

/// A rule that only ever appears beside another of the same severity could hide behind it.
#[test]
fn most_rules_are_found_alone() {
    // What these find comes with something else: a field with its type, an enum that is no longer an enum.
    const NEVER_ALONE: [&str; 6] = [
        "free-text-added",
        "free-text-removed",
        "pseudonym-added",
        "pseudonym-removed",
        "sensitivity-lowered",
        "debug-variable-changed",
    ];
    for id in Id::ALL {
        let (old, new) = (snippet(id.word(), "old.json"), snippet(id.word(), "new.json"));
        let found: Vec<_> = found(&old, &new).iter().map(|finding| finding.rule.id).collect();
        assert_eq!(found.as_slice() == [*id], !NEVER_ALONE.contains(&id.word()), "{id}: {found:?}");
    }
}

#[test]
fn the_order_is_that_of_severity() {
    assert!(Severity::ALL.is_sorted_by(|a, b| a < b));
    let all = |side| {
        let snippets = ["field-added", "owner-changed", "field-removed", "optional-removed"];
        let events = snippets.map(|rule| {
            let mut event = snippet(rule, side)["events"][0].clone();
            event["event"] = json!(rule.replace('-', "_"));
            event
        });
        manifest(&json!({ "events": events }))
    };
    let severities: Vec<_> = diff(&all("old.json"), &all("new.json")).iter().map(|found| found.severity()).collect();
    assert!(severities.iter().eq(Severity::ALL.iter().rev()), "{severities:?}");
}

#[test]
fn the_formats_say_the_same() {
    let old = json!({ "events": [{}, { "event": "dialog_closed" }] });
    let new = json!({
        "sdks": [{ "endpoint": "https://elsewhere.example" }],
        "events": [{
            "sample": 0.5,
            "doc": "A dialog was opened.\nOr a menu | <script> by @someone.",
            "fields": [{ "name": "entries", "type": "pseudonym" }, { "name": "mode", "type": { "enum": ["a|b", "c"] } }],
        }],
    });
    let findings = diff(&manifest(&old), &manifest(&new));
    let path = |name: &str| folder().join("formats").join(name);
    snapshot(&path("expected.json"), &render::json(&findings));
    snapshot(&path("expected.md"), &render::markdown(&findings));
    let text = render::text(&findings);
    assert!(text.contains("\u{1b}["), "colours are for whoever prints it to take off");
    snapshot(&path("expected.txt"), &anstream::adapter::strip_str(&text).to_string());
    let read: Value = serde_json::from_str(&render::json(&findings)).unwrap();
    assert_eq!(read["findings"].as_array().unwrap().len(), findings.len());
    assert_eq!(render::markdown(&findings).lines().filter(|line| line.starts_with("| ")).count(), findings.len() + 1);
}

#[test]
fn the_page_is_up_to_date() {
    let page = folder().join("../../../../docs/diff-rules.md");
    snapshot(&page, &render::page());
}

/// Words say what data is and what it is for. Nobody can prove that new words mean less, so a changed word is wider, and only
/// what the types show is narrower.
#[test]
fn a09_changed_words_and_labels_are_wider_unless_they_provably_narrow() {
    let event = |patch: Value| manifest(&json!({ "events": [patch] }));
    let field = |patch: Value| {
        let mut field = json!({ "name": "value", "type": "pseudonym" });
        field.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        event(json!({ "fields": [field] }))
    };
    let most = |old: &_, new: &_| diff(old, new).iter().map(|finding| finding.severity()).max();
    for key in ["doc", "purpose"] {
        let with = |words: &str| event(json!({ key: words }));
        let without = event(json!({ key: null }));
        assert_eq!(most(&with("which dialogs"), &with("to build profiles")), Some(Severity::Wider), "{key}");
        assert_eq!(most(&with("which dialogs"), &with("which dialogs of whom")), Some(Severity::Wider), "{key}");
        assert_eq!(most(&with("which dialogs, if any"), &with("which dialogs")), Some(Severity::Wider), "{key}");
        if key == "purpose" {
            assert_eq!(most(&without, &with("to build profiles")), Some(Severity::Wider));
            assert_eq!(most(&with("which dialogs"), &without), Some(Severity::Wider));
        }
        assert_eq!(most(&with("which dialogs"), &with("which\n  dialogs")), Some(Severity::Note), "{key}");
    }
    for key in ["doc", "reason"] {
        let with = |words: &str| field(json!({ key: words }));
        assert_eq!(most(&with("which of three"), &with("whose of all")), Some(Severity::Wider), "{key}");
        assert_eq!(most(&with("which of three"), &with(" which of  three ")), Some(Severity::Note), "{key}");
    }
    let labelled = |label: &str| field(json!({ "sensitivity": label }));
    let plain = field(json!({}));
    for (old, new) in [("technical", "personal"), ("personal", "technical"), ("pseudonymous", "interaction")] {
        assert_eq!(most(&labelled(old), &labelled(new)), Some(Severity::Wider), "{old} to {new}");
    }
    assert_eq!(most(&labelled("personal"), &plain), Some(Severity::Wider), "the same value with a weaker label");
    assert_eq!(most(&labelled("pseudonymous"), &plain), Some(Severity::Note), "it says what the type says");
    let narrowed = field(json!({ "type": "bool" }));
    let text = field(json!({ "type": { "text": { "max_len": 8 } }, "sensitivity": "personal" }));
    let ids: Vec<_> = diff(&text, &narrowed).iter().map(|finding| finding.rule.id).collect();
    assert!(ids.contains(&Id::SensitivityLowered) && !ids.contains(&Id::SensitivityRelabelled), "{ids:?}");
    let relabelled = field(json!({ "type": "bool", "sensitivity": "technical" }));
    let ids: Vec<_> = diff(&text, &relabelled).iter().map(|finding| finding.rule.id).collect();
    assert!(ids.contains(&Id::SensitivityRelabelled), "less than the type shows: {ids:?}");
    let described = |doc: &str| manifest(&json!({ "sdks": [{ "envelope": [["event", doc]] }] }));
    assert_eq!(most(&described("The name."), &described("The name and whose.")), Some(Severity::Wider));
}
