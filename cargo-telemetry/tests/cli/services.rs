//! Findings for services: annotations of GitHub, SARIF, the log beside a document, and warnings.

use serde_json::Value;
use telemetry_schema::{EventDescriptor, FieldType, Manifest, SdkDescriptor};

use crate::{
    kit::{Ended, run, workspace},
    manifests::{self, event, field},
};

const TODAY: [&str; 2] = ["--today", "2026-11-22"];

struct Case(tempfile::TempDir);

impl Case {
    fn new(rules: &str, sdk: SdkDescriptor, events: Vec<EventDescriptor>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), Manifest::new(vec![sdk], events).to_json()).unwrap();
        std::fs::write(folder.path().join("telemetry-check.toml"), rules).unwrap();
        assert_eq!(run(folder.path(), &["lock", "m.json"]).code, 0);
        Self(folder)
    }

    fn check(&self, format: &str) -> Ended {
        run(self.0.path(), &[&["check", "m.json", "--format", format], &TODAY[..]].concat())
    }
}

fn opened(change: impl FnOnce(&mut EventDescriptor)) -> Vec<EventDescriptor> {
    let mut event = event("opened", vec![field("a", FieldType::Bool)]);
    event.at = "src/dialog.rs:12".into();
    change(&mut event);
    vec![event]
}

type Pairs = Vec<(String, String)>;

/// As the runner reads them (actions/runner, `ActionCommand.TryParseV2`): properties, and the data with its escapes undone.
fn command(line: &str) -> Option<(String, Pairs, String)> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let undo = |text: &str| {
        text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
    Some((name.to_owned(), pairs.map(|(key, value)| (key.to_owned(), undo(value))).collect(), undo(data)))
}

#[test]
fn a09_annotations_of_github_stand_beside_the_lines_of_their_findings() {
    let case = Case::new(
        "[require]\nowner = true\n",
        manifests::sdk(),
        opened(|event| event.expires = Some("2026-12-01".into())),
    );
    let ended = case.check("github");
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let commands: Vec<_> = ended.stdout.lines().filter_map(command).collect();
    let names: Vec<_> = commands.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(names, ["error", "warning"], "{}", ended.stdout);
    let (_, properties, data) = &commands[0];
    let pairs = [("file", "src/dialog.rs"), ("line", "12"), ("title", "require-owner")];
    assert_eq!(*properties, pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert!(data.starts_with("acme/opened: has no owner; write "), "{data}");
    assert!(ended.stdout.ends_with("1 finding (require-owner) in 1 event of m.json; 1 warning\n"), "{}", ended.stdout);
}

/// Words of a binary that would end a command, begin one, or add a property.
#[test]
fn a09_no_word_of_a_binary_commands_the_runner() {
    let evil = "x\n::error::injected%0A::set-output name=a::b\r\n##[add-mask]x,file=y:1::z";
    let case = Case::new(
        "[require]\nowner = true\n[deny]\nunbounded = true\n",
        manifests::sdk(),
        opened(|event| {
            event.discriminant = Some(evil.to_owned());
            event.at = format!("src/{evil}.rs:12");
            event.fields.push(field(evil, FieldType::Unbounded("u64".into())));
        }),
    );
    let ended = case.check("github");
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let commands: Vec<_> = ended.stdout.lines().filter_map(command).collect();
    assert_eq!(commands.len(), 2, "{}", ended.stdout);
    assert!(!ended.stdout.contains("##["), "{}", ended.stdout);
    for (name, properties, _) in &commands {
        assert_eq!(name, "error");
        let keys: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["file", "line", "title"], "{}", ended.stdout);
    }
    // In a log every other output is read for commands as well.
    for arguments in [
        &["list", "m.json"][..],
        &["show", "opened", "m.json"],
        &["check", "m.json"],
        &["docs", "m.json"],
        &["docs", "m.json", "--notice"],
        &["list", "m.json", "--format", "json"],
        &["check", "m.json", "--format", "sarif"],
        &["show", evil, "m.json"],
        &["docs", "m.json", "--sdk", evil],
    ] {
        let ended = run(case.0.path(), arguments);
        let both = format!("{}\n{}", ended.stdout, ended.stderr);
        assert_eq!(
            both.lines().find(|line| line.trim_start().starts_with("::") || line.contains("##[")),
            None,
            "{arguments:?}"
        );
    }
}

/// What SARIF 2.1.0 asks for of the parts that we write, by its schema (OASIS, sarif-schema-2.1.0.json).
#[test]
fn a09_sarif_keeps_to_its_schema() {
    let text = std::fs::read_to_string(workspace().join("cargo-telemetry/tests/cli/sarif-subset.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().build(&schema).unwrap();
    let rules = "[require]\nowner = true\n[deny]\nfree_text = true\nexpired = true\n";
    let case = Case::new(
        rules,
        manifests::sdk(),
        opened(|event| {
            event.expires = Some("2026-12-01".into());
            event.at = "src/di alog#1?.rs:12".into();
            event.fields.push(field("text", FieldType::Text { max_len: 8 }));
        }),
    );
    // A lock file that is out of date has findings without a line.
    let lock = case.0.path().join("telemetry.lock");
    let old = std::fs::read_to_string(&lock).unwrap().replace("contact = \"", "contact = \"x");
    std::fs::write(&lock, old).unwrap();
    let ended = case.check("sarif");
    assert_eq!(ended.code, 1);
    let log: Value = serde_json::from_str(&ended.stdout).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}\n{}", errors.join("\n"), ended.stdout);

    let run = &log["runs"][0];
    let (rules, results) = (run["tool"]["driver"]["rules"].as_array().unwrap(), run["results"].as_array().unwrap());
    let mut levels: Vec<_> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    levels.sort_unstable();
    assert_eq!(levels, ["error", "error", "error", "warning"], "{}", ended.stdout);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let owner = results.iter().find(|result| result["ruleId"] == "require-owner").unwrap();
    let place = &owner["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/di%20alog%231%3F.rs");
    assert_eq!(place["region"]["startLine"], 12);
    // The validator refuses what is wrong.
    for (pointer, key) in [("", "version"), ("/runs/0", "tool"), ("/runs/0/results/0", "message")] {
        let mut broken = log.clone();
        broken.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert!(!validator.is_valid(&broken), "{pointer}/{key}");
    }
}

#[test]
fn a09_findings_stand_in_the_log_while_a_document_goes_elsewhere() {
    let case = Case::new("[require]\nowner = true\n", manifests::sdk(), opened(|_| {}));
    let plain = case.check("text");
    assert!(plain.stdout.contains("src/dialog.rs:12: require-owner: acme/opened: has no owner"), "{}", plain.stdout);
    assert_eq!(plain.stderr, "", "once is enough");
    for format in ["markdown", "json", "sarif"] {
        let ended = case.check(format);
        assert_eq!((ended.code, ended.stderr.as_str()), (1, plain.stdout.as_str()), "{format}");
        assert!(ended.stdout.contains("require-owner"), "{format}");
    }
    assert_eq!(case.check("github").stderr, "");
}

#[test]
fn a09_an_expiry_is_announced_thirty_days_ahead_and_fails_nothing() {
    for (expires, warned) in
        [("2026-11-22", true), ("2026-11-23", true), ("2026-12-22", true), ("2026-12-23", false), ("never", false)]
    {
        let case = Case::new(
            "[deny]\nexpired = true\n",
            manifests::sdk(),
            opened(|event| event.expires = Some(expires.into())),
        );
        let ended = case.check("json");
        let json: Value = serde_json::from_str(&ended.stdout).unwrap();
        let found: Vec<_> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["rule"].as_str().unwrap(), finding["level"].as_str().unwrap()))
            .collect();
        assert_eq!((ended.code, json["holds"].as_bool()), (0, Some(true)), "{expires}");
        assert_eq!(found == [("expires-soon", "warning")], warned, "{expires}: {found:?}");
        let text = case.check("text");
        assert_eq!(text.stdout.contains("warning: expires-soon: acme/opened: expires on"), warned, "{}", text.stdout);
        assert_eq!(text.stdout.ends_with("within the rules; 1 warning\n"), warned, "{}", text.stdout);
    }
    // One day late it is an error, and the exception takes the warning away.
    let late = opened(|event| event.expires = Some("2026-11-21".into()));
    let case = Case::new("[deny]\nexpired = true\n", manifests::sdk(), late);
    assert_eq!(case.check("text").code, 1);
    let allow = "[[allow]]\nevent = \"acme/opened\"\nrule = \"expires-soon\"\nreason = \"It is removed in the next release.\"\n";
    let case = Case::new(allow, manifests::sdk(), opened(|event| event.expires = Some("2026-11-30".into())));
    assert!(case.check("text").stdout.starts_with("holds: 1 event of m.json, as locked and within the rules\n"));
}
