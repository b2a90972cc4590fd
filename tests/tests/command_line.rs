//! Programs that are over at once: what they record at their very end, whether their end does what their author chose, and
//! the one in docs/command-line.md, as it stands there.
#![cfg(unix)]

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use telemetry_tests::{
    Sandbox, WATCHDOG,
    fixture::{Generated, build, workspace},
    run, run_ok, sibling,
    terminal::Terminal,
};

/// How many runs of each: the worker wins the race against the end of the program often enough.
const RUNS: usize = 40;

fn ending(sandbox: &Sandbox, words: [&str; 2]) -> std::process::Command {
    let mut command = sandbox.command(sibling("ending"));
    command.args(words);
    command
}

/// Delivers all that is there; how many of each event have arrived.
fn arrived(sandbox: &Sandbox, sdk: &str) -> BTreeMap<String, usize> {
    for _ in 0..20 {
        if run_ok(&mut ending(sandbox, [sdk, "deliver"])).contains("waiting: 0") {
            break;
        }
    }
    let mut ids = BTreeMap::new();
    for request in sandbox.server.requests() {
        let batch: Value = serde_json::from_slice(&request.body).unwrap();
        for event in batch["events"].as_array().unwrap() {
            ids.insert(
                event["id"].as_str().unwrap().to_owned(),
                event["event"].as_str().unwrap().replace(&format!("{sdk}_"), ""),
            );
        }
    }
    let mut counts = BTreeMap::new();
    for event in ids.into_values() {
        *counts.entry(event).or_default() += 1;
    }
    counts
}

/// Runs that record two events of an ordinary kind, or one behind a command, and are over: what has arrived of the second.
fn records_at_its_end(sdk: &str, guarded: bool) -> [usize; 2] {
    [("two", "found"), ("mixed", "ran")].map(|(action, first)| {
        let sandbox = Sandbox::new();
        for _ in 0..RUNS {
            let mut command = ending(&sandbox, [sdk, action]);
            if !guarded {
                command.env("ENDING_UNGUARDED", "1");
            }
            assert!(run(&mut command).status.success());
        }
        let arrived = arrived(&sandbox, sdk);
        let count = |event: &str| arrived.get(event).copied().unwrap_or_default();
        assert!(count(first) >= count("left"), "{arrived:?}");
        count("left")
    })
}

#[test]
fn o19_a_run_that_records_two_events_at_its_end_writes_both() {
    // Who says that a program is short need not say how it writes, and the end may be one that skips the guard.
    for sdk in ["grace", "detached"] {
        for guarded in [true, false] {
            assert_eq!(records_at_its_end(sdk, guarded), [RUNS, RUNS], "{sdk}, guarded: {guarded}");
        }
    }
    // Here the worker writes, and the guard gives it 50 ms, in which it must get to run at all. Without them, it is one in 60.
    let [two, mixed] = records_at_its_end("later", true);
    assert!(two >= RUNS / 2 && mixed >= RUNS / 2, "{two} and {mixed} of {RUNS}");
}

#[test]
fn o19_an_end_that_cannot_do_what_the_author_chose_shows() {
    for (sdk, chosen) in [("later", "later"), ("grace", "grace of 300 ms"), ("detached", "detached")] {
        let sandbox = Sandbox::new();
        let exit = |guarded: bool| {
            let mut command = ending(&sandbox, [sdk, "status"]);
            if !guarded {
                command.env("ENDING_UNGUARDED", "1");
            }
            let dropped = run_ok(ending(&sandbox, [sdk, "status"]).env("ENDING_DROPPED", "1"));
            assert_eq!(dropped.contains("exit_guard()"), sdk != "later", "`let _ =` is no guard: {dropped}");
            let status: Value = serde_json::from_str(&run_ok(&mut command)).unwrap();
            status["exit"].as_str().unwrap().to_owned()
        };
        assert_eq!(exit(true), chosen);
        assert!(exit(false).starts_with(chosen));
        assert_eq!(exit(false).contains("exit_guard()"), sdk != "later", "{}", exit(false));

        let debug = |guarded: bool| {
            let mut command = ending(&sandbox, [sdk, "two"]);
            command.env("ENDING_TELEMETRY_DEBUG", "1");
            if !guarded {
                command.env("ENDING_UNGUARDED", "1");
            }
            String::from_utf8(run(&mut command).stderr).unwrap()
        };
        assert!(!debug(true).contains("exit_guard()"), "{}", debug(true));
        assert_eq!(debug(false).matches("exit_guard()").count(), usize::from(sdk != "later"), "{}", debug(false));
        // Somebody who opted out is told nothing of it.
        let mut off = ending(&sandbox, [sdk, "two"]);
        off.env("ENDING_TELEMETRY_DEBUG", "1").env("DO_NOT_TRACK", "1").env("ENDING_UNGUARDED", "1");
        assert!(!String::from_utf8(run(&mut off).stderr).unwrap().contains("exit_guard()"));
    }
}

/// What an application is, and what it is not: no instance of anything.
#[test]
fn o19_an_applications_events_claim_no_instance() {
    let sandbox = Sandbox::new();
    assert!(run(&mut ending(&sandbox, ["grace", "two"])).status.success());
    arrived(&sandbox, "grace");
    let requests = sandbox.server.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let batch: Value = serde_json::from_slice(&request.body).unwrap();
        for event in batch["events"].as_array().unwrap() {
            let keys: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["actor", "cv", "ephemeral", "event", "id", "payload", "sdk", "sdkv", "ts"]);
        }
    }
}

// ---- The program in docs/command-line.md ------------------------------------------------------------------------

/// Runs of it on one day.
const DAY: usize = 30;

/// As it stands there, save for the place that its events go to, in a release build.
fn the_pages(endpoint: &str) -> telemetry_tests::fixture::Program {
    let text = std::fs::read_to_string(workspace().join("docs/command-line.md")).unwrap();
    let block = text.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a program");
    let theirs = "https://telemetry.acme.example";
    assert_eq!(block.matches(theirs).count(), 1);
    let manifest = "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, features = [\"clap\"] }\n\
                    clap = { version = \"4\", features = [\"derive\"] }\n";
    let package = Generated::new("acme", manifest);
    let mut cargo = package.source(&block.replace(theirs, endpoint)).cargo();
    build(cargo.args(["build", "--release"]), "acme")
}

#[test]
fn o19_what_the_command_line_program_of_the_page_records_arrives() {
    let sandbox = Sandbox::new();
    let acme = the_pages(&format!("http://127.0.0.1:{}", sandbox.server.port()));
    let command = |words: &[&str]| {
        let mut command = sandbox.command(&acme.path);
        command.args(words);
        command
    };
    let (plain, aimed) = (&["build"][..], &["build", "--target", "moon"][..]);
    let says = |words: &[&str]| format!("built for {}\n", if words == aimed { "moon" } else { "this machine" });
    let commands = || {
        let mut counts = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for request in sandbox.server.requests() {
            let batch: Value = serde_json::from_slice(&request.body).unwrap();
            for event in batch["events"].as_array().unwrap() {
                if ids.insert(event["id"].to_string()) {
                    *counts.entry(event["payload"].to_string()).or_insert(0_usize) += 1;
                }
            }
        }
        counts
    };

    // Nobody watches: no notice, and nothing is recorded. Then somebody does, and is told.
    assert_eq!(run_ok(&mut command(plain)), says(plain));
    let (output, said) = Terminal::open().run(&mut command(plain));
    assert!(output.status.success() && output.stdout == says(plain).as_bytes(), "{output:?}");
    assert!(said.contains("acme-cli") && said.contains("acme telemetry off"), "{said}");
    assert_eq!(sandbox.server.connections(), 0);

    // The next run is the first to record, and its event arrives without another run.
    assert_eq!(run_ok(&mut command(plain)), says(plain));
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1);
    let reports = |counts: [usize; 2]| -> BTreeMap<String, usize> {
        let payloads = [r#"{"command":{"build":{}}}"#, r#"{"command":{"build":{"--target":true}}}"#];
        payloads.map(str::to_owned).into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
    };
    assert_eq!(commands(), reports([1, 0]));
    for number in 1..DAY {
        let words = if number % 3 == 0 { plain } else { aimed };
        assert_eq!(run_ok(&mut command(words)), says(words));
    }
    // Nobody has used a command who has asked which there are, or how many events wait.
    assert!(run_ok(&mut command(&["--help"])).contains("Builds the project"));
    run_ok(&mut command(&["telemetry", "status"]));

    // The next day: what lies there goes with the first run.
    until_nobody_delivers(&sandbox);
    let before = sandbox.server.requests().len();
    sandbox.forget_failures();
    assert_eq!(run_ok(&mut command(aimed)), says(aimed));
    sandbox.server.wait_for(before + 1, WATCHDOG);
    until_nobody_delivers(&sandbox);
    assert_eq!(commands(), reports([10, 21]));
}

/// Until the process that a run has left behind has given its lock back.
fn until_nobody_delivers(sandbox: &Sandbox) {
    let is_lock = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("detached."));
    let path = sandbox.files().into_keys().find(is_lock).expect("a run has left a process behind");
    let file = std::fs::File::options().write(true).open(sandbox.state().join(path)).expect("it can be opened");
    file.lock().expect("the file can be locked");
}
