//! `telemetry-check.toml`: mistakes in it, and exceptions.

use telemetry_schema::FieldType;

use crate::{
    kit::{Ended, run},
    manifests::{self, event, field},
};

/// `check` of two events with free text, locked, by these rules.
fn checked(rules: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let text = || vec![field("note", FieldType::Text { max_len: 8 })];
    let mut mounted = event("mounted", text());
    mounted.discriminant = Some("SignIn".into());
    manifests::write(&folder.path().join("m.json"), vec![event("opened", text()), mounted]);
    assert_eq!(run(folder.path(), &["lock", "m.json"]).code, 0);
    std::fs::write(folder.path().join("telemetry-check.toml"), rules).unwrap();
    run(folder.path(), &["check", "m.json"])
}

#[test]
fn mistakes_name_the_line_and_the_closest_key() {
    for (rules, error, hint) in [
        ("[require]\nownr = true\n", "line 2: no key `ownr` here", "did you mean `owner`?"),
        ("[denny]\n", "line 1: no key `denny` here", "did you mean `deny`?"),
        ("\n[deny]\nfree-text = true\n", "line 3: no key `free-text` here", "did you mean `free_text`?"),
        ("[capacity]\nzzz = 1\n", "line 2: no key `zzz` here", "known are `bits_per_event`"),
        ("[deny]\nfree_text = \"yes\"\n", "line 2: invalid type", ""),
        (
            "[[allow]]\nevent = \"acme/opened\"\nrule = \"free-txt\"\nreason = \"long enough\"\n",
            "no rule `free-txt`",
            "did you mean `free-text`?",
        ),
        (
            "[[allow]]\nevent = \"acme/opened\"\nrule = \"free-text\"\nreason = \"because\"\n",
            "the reason is too short",
            "at least 10 characters",
        ),
        (
            "[[allow]]\nevent = \"acme/opened\"\nrule = \"lock-outdated\"\nreason = \"we are in a hurry\"\n",
            "`lock-outdated` has no exceptions",
            "repair what it finds",
        ),
    ] {
        let ended = checked(rules);
        assert_eq!(ended.code, 78, "{rules}");
        assert!(ended.stderr.starts_with("error: telemetry-check.toml: "), "{}", ended.stderr);
        assert!(ended.stderr.contains(error) && ended.stderr.contains(hint), "{rules}\n{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn an_exception_with_a_reason_holds_for_its_event_only() {
    let deny = "[deny]\nfree_text = true\n";
    let allow = |event: &str| {
        format!("[[allow]]\nevent = \"{event}\"\nrule = \"free-text\"\nreason = \"reviewed by the privacy team\"\n")
    };
    let found = |rules: &str| checked(rules).stdout.lines().filter(|line| line.contains(": free-text: ")).count();
    assert_eq!(found(deny), 2);
    assert_eq!(found(&format!("{deny}{}", allow("acme/opened"))), 1);
    assert_eq!(found(&format!("{deny}{}{}", allow("acme/opened"), allow("acme/mounted"))), 0, "all discriminants");
    let unused = checked(&format!("{deny}{}", allow("acme/open")));
    assert_eq!(unused.code, 1);
    assert!(
        unused.stdout.contains(
            "telemetry-check.toml: unused-exception: nothing needs the exception from `free-text` for `acme/open`; "
        ),
        "{}",
        unused.stdout
    );
}
