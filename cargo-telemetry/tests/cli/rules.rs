//! Every rule of `check`, once broken and once kept.

use serde_json::Value;
use telemetry_schema::{EventDescriptor, FieldType, Kind, SdkDescriptor, Throttle, VariantDescriptor};

use crate::{
    kit::{Ended, run},
    manifests::{self, event, field},
};

const TODAY: [&str; 2] = ["--today", "2026-11-22"];

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(rules: &str, sdk: SdkDescriptor, events: Vec<EventDescriptor>) -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap() };
        let manifest = telemetry_schema::Manifest::new(vec![sdk], events);
        std::fs::write(case.folder.path().join("m.json"), manifest.to_json()).unwrap();
        std::fs::write(case.folder.path().join("telemetry-check.toml"), rules).unwrap();
        assert_eq!(case.run(&["lock", "m.json"]).code, 0);
        case
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(self.folder.path(), arguments)
    }

    fn checked(&self) -> Ended {
        self.run(&[&["check", "m.json"], &TODAY[..]].concat())
    }
}

/// The rules that `check` finds broken, with its exit code.
fn broken(rules: &str, sdk: SdkDescriptor, events: Vec<EventDescriptor>) -> (i32, Vec<String>) {
    let case = Case::new(rules, sdk, events);
    let ended = case.run(&[&["check", "m.json", "--format", "json"], &TODAY[..]].concat());
    let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    // What fails nothing is no finding of these rules.
    let failing = json["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
    let ids = failing.map(|finding| finding["rule"].as_str().unwrap().to_owned());
    assert_eq!(json["holds"], ended.code == 0);
    (ended.code, ids.collect())
}

fn changed(change: impl FnOnce(&mut EventDescriptor)) -> Vec<EventDescriptor> {
    let mut event = event("opened", vec![field("a", FieldType::Bool)]);
    change(&mut event);
    vec![event]
}

fn of_type(field_type: FieldType) -> Vec<EventDescriptor> {
    vec![event("opened", vec![field("a", field_type)])]
}

#[test]
fn each_rule_finds_what_it_is_for_and_nothing_else() {
    let nested = |of: FieldType| {
        let list = FieldType::List { max: 2, of: Box::new(of) };
        let variant = VariantDescriptor { name: "v".into(), field_type: Some(list) };
        FieldType::Optional(Box::new(FieldType::Struct(vec![field("deep", FieldType::Variants(vec![variant]))])))
    };
    let plain = || changed(|_| {});
    let owned = || changed(|event| event.owner = Some("team".into()));
    let text = || FieldType::Text { max_len: 8 };
    let cases = [
        ("[require]\nowner = true", "require-owner", plain(), changed(|event| event.owner = Some("team".into()))),
        ("[require]\nowner = true", "require-owner", changed(|event| event.owner = Some(" ".into())), owned()),
        ("[require]\npurpose = true", "require-purpose", plain(), changed(|event| event.purpose = Some("why".into()))),
        (
            "[require]\nreview = true",
            "require-review",
            plain(),
            changed(|event| event.reviewed = Some("https://r".into())),
        ),
        (
            "[require]\nexpires = true",
            "require-expires",
            plain(),
            changed(|event| event.expires = Some("never".into())),
        ),
        (
            "[require]\nmax_expiry_days = 30",
            "expiry-too-far",
            changed(|event| event.expires = Some("2026-12-23".into())),
            changed(|event| event.expires = Some("2026-12-22".into())),
        ),
        (
            "[require]\nmax_expiry_days = 30",
            "expiry-too-far",
            changed(|event| event.expires = Some("never".into())),
            plain(),
        ),
        (
            "[deny]\nexpired = true",
            "expired",
            changed(|event| event.expires = Some("2026-11-21".into())),
            changed(|event| event.expires = Some("2026-11-22".into())),
        ),
        ("[deny]\nfree_text = true", "free-text", of_type(nested(text())), of_type(FieldType::Pseudonym)),
        ("[deny]\nunbounded = true", "unbounded", of_type(nested(FieldType::Unbounded("u64".into()))), of_type(text())),
        ("[deny]\npseudonym = true", "pseudonym", of_type(nested(FieldType::Pseudonym)), of_type(text())),
        // Two bits of two bools; which event, id, hour, actor, ephemeral and key are 0 + 74 + 26.3 + 2 + 1 + 128.
        ("[capacity]\npayload_bits_per_event = 8", "capacity-payload", of_type(text()), of_type(FieldType::Bool)),
        ("[capacity]\nbits_per_event = 235", "capacity-event", of_type(text()), of_type(FieldType::Bool)),
        // A bool is sent twice a day at most; four values four times.
        (
            "[capacity]\nbits_per_day = 470",
            "capacity-day",
            of_type(FieldType::Int { min: 0, max: 3 }),
            of_type(FieldType::Bool),
        ),
        (
            "[capacity]\nbits_per_day = 470",
            "capacity-day",
            changed(|event| event.throttle = Throttle::RollingHours(23)),
            // Nothing bounds a day of commands: said in the report, but no finding.
            changed(|event| (event.throttle, event.kind) = (Throttle::None, Kind::Command)),
        ),
    ];
    for (rules, id, bad, good) in cases {
        assert_eq!(broken(rules, manifests::sdk(), bad), (1, vec![id.to_owned()]), "{rules}");
        assert_eq!(broken(rules, manifests::sdk(), good), (0, vec![]), "{rules}");
        assert_eq!(broken("", manifests::sdk(), plain()), (0, vec![]), "no rule without a file that says so");
    }
}

#[test]
fn a_transport_of_the_authors_own_can_be_denied() {
    let custom = SdkDescriptor { transport: "custom".into(), ..manifests::sdk() };
    let rules = "[deny]\ncustom_transport = true";
    assert_eq!(broken(rules, custom, changed(|_| {})), (1, vec!["custom-transport".to_owned()]));
    assert_eq!(broken(rules, manifests::sdk(), changed(|_| {})), (0, vec![]));
}

#[test]
fn two_schemas_under_one_key_are_found_and_shown_everywhere() {
    let twins = vec![
        event("opened", vec![field("a", FieldType::Bool)]),
        EventDescriptor { at: "other/src/lib.rs:7".into(), ..event("opened", vec![field("b", FieldType::Bool)]) },
    ];
    assert_eq!(broken("", manifests::sdk(), twins.clone()), (1, vec!["conflict".to_owned()]));
    let case = Case::new("", manifests::sdk(), twins);
    let found = case.checked().stdout;
    assert!(
        found.contains(
            "acme-core/src/lib.rs:20: conflict: acme/opened: different schemas have this key (also other/src/lib.rs:7)"
        ),
        "{found}"
    );
    assert_eq!(case.run(&["list", "m.json"]).stdout.matches("conflict: ").count(), 2);
    assert_eq!(case.run(&["show", "opened", "m.json"]).stdout.matches("conflict: ").count(), 2);
    assert_eq!(case.run(&["list", "m.json", "--format", "markdown"]).stdout.matches("**Conflict:**").count(), 2);
    let json: Value = serde_json::from_str(&case.run(&["list", "m.json", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["conflicts"], serde_json::json!(["acme/opened"]));
}

#[test]
fn committed_page_and_schema_are_compared() {
    let rules = "[page]\npath = \"docs/telemetry.md\"\n\n[schema]\npath = \"docs/schema.json\"\n";
    let case = Case::new(rules, manifests::sdk(), changed(|_| {}));
    std::fs::create_dir(case.folder.path().join("docs")).unwrap();
    let missing = case.checked();
    assert_eq!(missing.code, 1);
    for line in [
        "docs/telemetry.md: page-outdated: is missing; write it with `cargo telemetry docs m.json --output docs/telemetry.md`",
        "docs/schema.json: schema-outdated: is missing; write it with `cargo telemetry schema m.json --output docs/schema.json`",
    ] {
        assert!(missing.stdout.lines().any(|found| found == line), "{}", missing.stdout);
    }
    assert_eq!(case.run(&["docs", "m.json", "--output", "docs/telemetry.md"]).code, 0);
    assert_eq!(case.run(&["schema", "m.json", "--output", "docs/schema.json"]).code, 0);
    assert_eq!(case.checked().code, 0);
    let page = case.folder.path().join("docs/telemetry.md");
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, text.replacen("\n\n", "\n\nAdded by hand.\n\n", 1)).unwrap();
    let edited = case.checked().stdout;
    assert!(edited.contains("page-outdated: says something else than the records, from line 3 on"), "{edited}");
}

#[test]
fn capacity_is_printed_per_event_and_day_where_a_budget_is_set() {
    let mut command = event("opened", vec![field("a", FieldType::Bool)]);
    (command.event, command.throttle) = ("ran".into(), Throttle::None);
    let free = event("typed", vec![field("note", FieldType::Text { max_len: 100 })]);
    let events = vec![event("opened", vec![field("a", FieldType::Bool)]), command, free];
    let found = Case::new("[capacity]\nbits_per_event = 2000", manifests::sdk(), events).checked();
    assert_eq!(found.code, 0, "{}", found.stdout);
    crate::kit::snapshot("capacity.txt", &found.stdout);
}

/// Two major versions of a crate in one program, each with its own place to send to.
#[test]
fn o15_the_list_shows_both_and_check_reports_it() {
    let old = manifests::sdk();
    let mut new = old.clone();
    new.version = "2.0.0".into();
    new.endpoint = "https://telemetry.new-owner.example".into();
    let mut renamed = event("closed", vec![field("a", FieldType::Bool)]);
    renamed.version = "2.0.0".into();
    let mut both = event("opened", vec![field("b", FieldType::Bool)]);
    both.version = "2.0.0".into();
    let events = vec![event("opened", vec![field("a", FieldType::Bool)]), both, renamed];
    let folder = tempfile::tempdir().unwrap();
    let manifest = telemetry_schema::Manifest::new(vec![new.clone(), old.clone()], events);
    std::fs::write(folder.path().join("m.json"), manifest.to_json()).unwrap();
    let list = run(folder.path(), &["list", "m.json"]).stdout;
    let list = list.split_whitespace().collect::<Vec<_>>().join(" "); // Lines break at any place.
    assert!(list.contains("3 events of 2 SDKs"), "{list}");
    for sdk in [&old, &new] {
        assert_eq!(
            list.matches(&format!("sends to {}", sdk.endpoint)).count(),
            2,
            "as its own and as the other: {list}"
        );
    }
    // Each event stands below its own SDK, and nothing conflicts: what one says under a key goes to one place only.
    let (first, second) = list.split_at(list.rfind("same name:").unwrap());
    assert!(!list.contains("conflict:") && second.contains("acme/closed") && !first.contains("acme/closed"), "{list}");
    assert_eq!(list.matches("acme/opened").count(), 2, "{list}");
    let markdown = run(folder.path(), &["list", "m.json", "--format", "markdown"]).stdout;
    assert_eq!((markdown.matches("**same name:").count(), markdown.matches("\n## acme").count()), (2, 2), "{markdown}");
    // The page has a section for each, and a notice for each.
    let page = run(folder.path(), &["docs", "m.json"]).stdout;
    assert!(page.contains("<a id=\"acme\">") && page.contains("<a id=\"acme-2\">"), "{page}");
    assert_eq!(page.matches("Another kit in this program has the same name").count(), 2);
    let notices = run(folder.path(), &["docs", "m.json", "--notice"]).stdout;
    assert_eq!(notices.matches("acme collects").count(), 2, "{notices}");
    assert!(notices.contains(": opened.") && notices.contains(": closed, opened."), "{notices}");
    // The schema is that of both, and says which is whose.
    for arguments in [&["schema", "m.json"][..], &["schema", "m.json", "--sdk", "acme"]] {
        let schema: serde_json::Value = serde_json::from_str(&run(folder.path(), arguments).stdout).unwrap();
        let titles: Vec<_> =
            schema["anyOf"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
        for sdk in [&old, &new] {
            let to = format!("acme to {}: ", sdk.endpoint);
            assert_eq!(titles.iter().filter(|title| title.starts_with(&to)).count(), 1, "{to}{titles:?}");
        }
        let names = |one: &serde_json::Value| ["closed", "opened"].map(|name| one.to_string().contains(name));
        let [first, second] = &schema["anyOf"].as_array().unwrap()[..] else { panic!("{schema}") };
        let of_each =
            if first["title"].as_str().unwrap().contains(&old.endpoint) { [first, second] } else { [second, first] };
        assert_eq!(of_each.map(names), [[false, true], [true, true]], "{schema}");
    }
    assert_eq!(run(folder.path(), &["lock", "m.json"]).code, 0);
    let ended = run(folder.path(), &["check", "m.json"]);
    assert_eq!(ended.code, 1);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("same-name") && said.contains("2 SDKs have this name"), "{said}");
    assert!(said.contains(&old.endpoint) && said.contains(&new.endpoint), "{said}");
    // Of one place, they are one SDK, and there is no finding.
    new.endpoint = old.endpoint.clone();
    let manifest = telemetry_schema::Manifest::new(vec![new, old], vec![event("opened", Vec::new())]);
    std::fs::write(folder.path().join("m.json"), manifest.to_json()).unwrap();
    assert_eq!(run(folder.path(), &["lock", "m.json"]).code, 0);
    let ended = run(folder.path(), &["check", "m.json"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a06_an_sdk_without_events_is_said_in_words_and_fails_check() {
    let (code, found) = broken("", manifests::sdk(), Vec::new());
    assert_eq!((code, found.as_slice()), (1, &["sdk-without-events".to_owned()][..]));
    let case = Case::new("", manifests::sdk(), Vec::new());
    let text = case.checked().stdout;
    assert!(text.contains("acme") && text.contains("none of its events") && text.contains("--lib"), "{text}");
    for format in ["text", "markdown"] {
        let list = case.run(&["list", "m.json", "--format", format]).stdout;
        assert!(list.contains("no events: what was read declares this SDK and none of its events"), "{list}");
    }
    // Another SDK's events change nothing of that.
    let lonely = SdkDescriptor { sdk: "lonely".into(), ..manifests::sdk() };
    let found = Case::new("", lonely, vec![event("opened", Vec::new())]).checked();
    assert!(found.code == 1 && found.stdout.contains("lonely"), "{found:?}");
    let allow = "[[allow]]\nevent = \"acme\"\nrule = \"sdk-without-events\"\nreason = \"The wrappers declare them.\"\n";
    assert_eq!(broken(allow, manifests::sdk(), Vec::new()), (0, Vec::new()));
    // One that has events is none.
    assert_eq!(broken("", manifests::sdk(), changed(|_| {})), (0, Vec::new()));
}
