//! `#[derive(TrackCommand)]`: the commands and flags of a report are those that clap has, and nothing of a value is anywhere.
#![cfg(unix)]

#[path = "../src/bin/tracked/cli.rs"]
mod cli;

use std::{collections::BTreeMap, io::Write as _, process::Stdio};

use clap::{Arg, ArgAction, Command, CommandFactory as _, Parser as _};
use serde_json::{Map, Value, json};
use telemetry_runtime::{CommandOutcome, Sdk, TelemetryValue, TrackCommand, sdk, testing};
use telemetry_tests::{Sandbox, finish, sibling};

/// The same declaration as that of the program.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-tracked", role: Library, default: On, env: "ACME",
    endpoint: "http://127.0.0.1:4318", wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
    region: "EU", retention: "90 days", shared_with: "nobody",
};

/// Numbers, as good as random and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// Flags that are never reported, for the reasons that the page of the macro gives.
const NOT_REPORTED: [&str; 6] = ["format", "token", "careful", "dataFolder", "branch", "private-note"];

/// What values are made of; no name of a command or a flag holds it.
const CANARY: &str = "canary";
const CANARY_NUMBER: &str = "73619";

struct Line {
    words: Vec<String>,
    /// `None` where nothing is to be reported.
    report: Option<Value>,
}

/// A command line that clap takes, and what the report of it should be: from what clap says of its commands and flags.
fn line(random: &mut Random) -> Line {
    let mut command = cli::Acme::command();
    command.build();
    let mut words = vec!["acme".to_owned()];
    let report = level(&command, true, random, &mut words);
    // Two commands are left out, one of them with all that stands below it.
    let left_out = words.iter().any(|word| ["secret", "telemetry"].contains(&word.as_str()));
    Line { words, report: (!left_out).then(|| sorted(Value::Object(report))) }
}

fn level(command: &Command, root: bool, random: &mut Random, words: &mut Vec<String>) -> Map<String, Value> {
    let mut report = Map::new();
    // A global flag is declared at the root, and reported there.
    let flags = command.get_arguments().filter(|arg| !arg.is_positional() && (root || !arg.is_global_set()));
    let flags: Vec<&Arg> = flags.filter(|arg| !["help", "version"].contains(&arg.get_id().as_str())).collect();
    for flag in flags {
        if !flag.is_required_set() && random.yes() {
            continue;
        }
        // clap does not say what a flag requires; these two of `erase` do.
        if ["yes", "retry"].contains(&flag.get_id().as_str()) && !report.contains_key("--at-vendor") {
            continue;
        }
        pass(flag, random, words);
        let name = match (flag.get_long(), flag.get_short()) {
            (Some(long), _) => format!("--{long}"),
            (None, short) => format!("-{}", short.expect("a flag has a name")),
        };
        if !NOT_REPORTED.contains(&name.trim_start_matches('-')) {
            report.insert(name, json!(true));
        }
    }
    let below: Vec<&Command> = command.get_subcommands().filter(|command| command.get_name() != "help").collect();
    let external = command.is_allow_external_subcommands_set();
    if !below.is_empty() && (command.is_subcommand_required_set() || random.below(8) > 0) {
        let choice = random.below(below.len() + usize::from(external));
        let Some(chosen) = below.get(choice) else {
            words.extend([format!("{CANARY}-command"), format!("--{CANARY}"), CANARY.to_owned()]);
            report.insert("command".to_owned(), json!("other"));
            return report;
        };
        let names: Vec<&str> =
            chosen.get_name_and_visible_aliases().into_iter().chain(chosen.get_all_aliases()).collect();
        words.push(names[random.below(names.len())].to_owned());
        let inner = level(chosen, false, random, words);
        report.insert("command".to_owned(), named(chosen, inner));
    }
    for positional in command.get_positionals() {
        if positional.is_required_set() || (below.is_empty() && random.yes()) {
            words.push(value(positional, random));
        }
    }
    report
}

/// A command in a report: its name, with what it holds if it can hold anything.
fn named(command: &Command, inner: Map<String, Value>) -> Value {
    let name = match command.get_name() {
        "rm" => "remove",
        name => name,
    };
    match name {
        "whoami" | "ls" | "DumpAll" | "dump_all" | "dump-all" | "test" => json!(name),
        // An enum below an enum has nothing of its own.
        "remote" => json!({ name: inner["command"] }),
        _ => json!({ name: inner }),
    }
}

fn pass(flag: &Arg, random: &mut Random, words: &mut Vec<String>) {
    let spelt = match (flag.get_long(), flag.get_short()) {
        (Some(long), Some(short)) => {
            if random.yes() {
                format!("--{long}")
            } else {
                format!("-{short}")
            }
        }
        (Some(long), None) => format!("--{long}"),
        (None, short) => format!("-{}", short.expect("a flag has a name")),
    };
    match flag.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse => words.push(spelt),
        ArgAction::Count => words.extend(vec![spelt; 1 + random.below(3)]),
        _ if flag.get_num_args().is_some_and(|range| range.min_values() == 0) => words.push(spelt),
        _ => words.extend([spelt, value(flag, random)]),
    }
}

fn value(arg: &Arg, random: &mut Random) -> String {
    let possible = arg.get_possible_values();
    match (arg.get_id().as_str(), possible.len()) {
        ("jobs", _) => CANARY_NUMBER.to_owned(),
        (_, 0) => format!("/home/{CANARY}/{CANARY}.{}", random.below(1_000)),
        (_, choices) => possible[random.below(choices)].get_name().to_owned(),
    }
}

#[test]
fn r24_a_report_has_names_of_the_declaration_and_no_value() {
    let mut random = Random(20_261_129);
    let lines: Vec<Line> = (0..2_000).map(|_| line(&mut random)).collect();
    let sandbox = Sandbox::new();
    let mut child =
        sandbox.command(sibling("tracked")).env("ACME_TEST_TOKEN", CANARY).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in &lines {
        assert!(line.words.iter().all(|word| !word.contains(['\t', '\n'])));
        writeln!(input, "{}", line.words.join("\t")).unwrap();
    }
    drop(input);
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "clap takes every line");

    // What arrived is what was typed, as often as it was typed.
    let count = |reports: Vec<Value>| {
        let mut counts = BTreeMap::new();
        for report in reports {
            *counts.entry(report.to_string()).or_insert(0) += 1;
        }
        counts
    };
    let received = sandbox.events().into_iter().map(|(name, payload)| {
        assert_eq!(name, "command_succeeded");
        payload
    });
    let (expected, received) =
        (count(lines.iter().filter_map(|line| line.report.clone()).collect()), count(received.map(sorted).collect()));
    for report in expected.keys().chain(received.keys()) {
        assert_eq!(expected.get(report), received.get(report), "{report}");
    }
    assert!(expected.len() > 500, "{} different reports", expected.len());

    // No byte of a value is on disk or at the server.
    let mut bytes = 0;
    for (path, content) in files(&sandbox.state()) {
        bytes += content.len();
        assert_eq!(found(&content), None, "{path}");
    }
    for request in sandbox.server.requests() {
        bytes += request.body.len();
        assert_eq!(found(&request.body), None);
        assert_eq!(found(format!("{request:?}").as_bytes()), None);
    }
    assert!(bytes > 100_000, "{bytes} bytes were looked at");
    assert!(found(b"a canary-text").is_some() && found(b"173619").is_some());
}

/// Which canary is in there.
fn found(content: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(content).to_lowercase();
    [CANARY, CANARY_NUMBER].into_iter().find(|canary| text.contains(canary))
}

fn files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(files(&entry));
        } else {
            all.push((entry.display().to_string(), std::fs::read(&entry).unwrap()));
        }
    }
    all
}

/// Keys in one order, whoever wrote them.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(members.into_iter().collect())
        }
        other => other,
    }
}

fn captured(words: &[&str]) -> Value {
    let acme = cli::Acme::try_parse_from(words).unwrap();
    let events = testing::capture(|| acme.track());
    serde_json::from_str(events.only().payload()).unwrap()
}

#[test]
fn a_report_reads_as_it_was_typed() {
    for (line, report) in [
        ("acme", json!({})),
        ("acme -vv whoami --no-color", json!({ "--verbose": true, "--no-color": true, "command": "whoami" })),
        (
            "acme b -r -j 4 --color-mode canary-json x",
            json!({ "command": { "build": { "--release": true, "-j": true, "--color-mode": true } } }),
        ),
        ("acme remotes rm --force x", json!({ "command": { "remote": { "remove": { "--force": true } } } })),
        ("acme remote list", json!({ "command": { "remote": "ls" } })),
        ("acme clean -a", json!({ "command": { "clean": { "--all": true } } })),
        ("acme test x", json!({ "command": "test" })),
        ("acme deploy --prod", json!({ "command": "other" })),
        (
            "acme http2-server --dataFolder x --region y --zone canary-a --least x",
            json!({ "command": { "http2-server": { "--region": true, "--zone": true, "--least": true } } }),
        ),
        ("acme serve --dataFolder x", json!({ "command": { "serve": {} } })),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(captured(&words), report, "{line}");
    }
}

#[test]
fn what_is_left_out_is_not_reported() {
    for line in ["acme secret --how x", "acme telemetry status", "acme --no-color telemetry"] {
        let acme = cli::Acme::try_parse_from(line.split(' ')).unwrap();
        testing::capture(|| acme.track()).assert_none();
        testing::capture(|| acme.tracked().succeeded()).assert_none();
    }
}

/// Where people fail.
#[derive(Debug, TelemetryValue)]
enum Failure {
    Network,
    NoProject,
}

#[derive(Debug, clap::Parser, TrackCommand)]
#[telemetry(event(name = "command_ended", outcome = Failure, duration))]
enum Asking {
    /// Builds
    Build,
}

#[test]
fn a_report_says_how_it_ended_where_the_author_asks() {
    let ended = |outcome: CommandOutcome<Failure>| {
        let asking = Asking::try_parse_from(["asking", "build"]).unwrap();
        let events = testing::capture(|| asking.tracked().ended(outcome));
        assert_eq!(events.only().event(), "command_ended");
        serde_json::from_str::<Value>(events.only().payload()).unwrap()
    };
    let result: Result<(), &str> = Err("no such file: /home/canary");
    let failed = CommandOutcome::of(&result, |_| Failure::NoProject);
    for (outcome, said) in [
        (CommandOutcome::of(&Ok::<_, ()>(()), |()| Failure::Network), json!("ok")),
        (failed, json!({ "failed": "NoProject" })),
        (CommandOutcome::Interrupted, json!("interrupted")),
    ] {
        let payload = ended(outcome);
        assert_eq!((&payload["command"], &payload["outcome"]), (&json!("build"), &said));
        assert!(payload["duration"].is_number(), "{payload}");
    }
    // What is noted and dropped is no report; what has failed is none by default.
    let acme = cli::Acme::try_parse_from(["acme", "whoami"]).unwrap();
    let noted = testing::capture(|| drop(acme.tracked()));
    noted.assert_none();
    let done = testing::capture(|| acme.tracked().succeeded());
    assert_eq!(done.only().payload(), "{\"command\":\"whoami\"}");
}

/// The digest that the compiler puts together is that of the record.
#[test]
fn a_user_agrees_to_what_the_record_says() {
    for handle in [<cli::Acme as TrackCommand>::HANDLE, <Asking as TrackCommand>::HANDLE] {
        let record = handle.meta.record();
        let json = std::str::from_utf8(record).unwrap().trim_end().split_once('{').unwrap().1;
        let event: telemetry_runtime::schema::EventDescriptor = serde_json::from_str(&format!("{{{json}")).unwrap();
        assert_eq!(
            telemetry_runtime::schema::digest::event(&event),
            telemetry_runtime::schema::digest::hex(handle.meta.digest()),
            "{}",
            event.event
        );
    }
}
