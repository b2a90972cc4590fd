//! Levels: what a user chose, what the programs then keep, and what the server holds.

use std::{io::Write as _, process::Stdio};

use telemetry_tests::ledger::Ledger;

use super::*;

fn levels(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(sibling("levels"));
    command.args(arguments);
    command
}

/// What the user's command says at a terminal.
#[track_caller]
fn says(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let terminal = Terminal::open();
    let mut command = levels(sandbox, &["telemetry"]);
    command.args(arguments).stdout(terminal.other_end());
    let (child, reader) = terminal.start(&mut command);
    drop(command);
    let output = finish(child);
    let seen = shown(reader);
    assert!(output.status.success(), "{arguments:?}: {seen}");
    seen
}

#[track_caller]
fn work(sandbox: &Sandbox) -> Ledger {
    let output = run(&mut levels(sandbox, &["work"]));
    assert!(output.status.success(), "{output:?}");
    Ledger::of(&serde_json::from_slice(&output.stdout).unwrap())
}

/// The names of the events that the server has.
fn held(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<_> = sandbox.events().into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[test]
fn what_is_above_the_level_that_a_user_chose_never_reaches_the_disk() {
    let sandbox = Sandbox::new();
    let seen = says(&sandbox, &["on", "--level", "basic"]);
    assert!(seen.contains("Stored: on, level basic."), "{seen}");
    assert!(
        seen.contains("You choose how much: off, nothing; basic, active, started; usage, all of it"),
        "the notice tells them, off first: {seen}"
    );
    let ledger = work(&sandbox);
    // The active event is one more.
    assert_eq!((ledger.of_word("offered"), ledger.of_word("above_level"), ledger.of_word("sent")), (4, 2, 2));
    assert_eq!(held(&sandbox), ["active", "started"]);
    let status = says(&sandbox, &["status"]);
    assert!(status.contains("level: basic, of off | basic | usage"), "{status}");
    let json: serde_json::Value =
        serde_json::from_slice(&run_ok_bytes(&mut levels(&sandbox, &["telemetry", "status", "--json"]))).unwrap();
    assert_eq!(json["level"], "basic");
    let listed = ctl(&sandbox, &["list"]).1;
    assert!(listed.contains("on, basic"), "{listed}");
    // `off` and `on` keep the choice; a new one holds at once.
    says(&sandbox, &["off"]);
    says(&sandbox, &["on"]);
    work(&sandbox);
    assert_eq!(held(&sandbox), ["active", "started", "started"]);
    says(&sandbox, &["on", "--level", "usage"]);
    assert_eq!(work(&sandbox).of_word("above_level"), 0);
    assert_eq!(held(&sandbox), ["active", "dialog_opened", "searched", "started", "started", "started"]);
}

fn run_ok_bytes(command: &mut Command) -> Vec<u8> {
    let output = run(command);
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

#[test]
fn a_file_from_before_there_were_levels_means_all() {
    let sandbox = Sandbox::new();
    let seen = says(&sandbox, &["on"]);
    assert!(seen.contains("Stored: on, level usage."), "{seen}");
    let decision = sandbox.state().join("telemetry/acme-levels/consent.json");
    assert!(!std::fs::read_to_string(&decision).unwrap().contains("level"), "nothing was chosen");
    assert_eq!(work(&sandbox).of_word("above_level"), 0);
    // A level that this version does not know is a decision that cannot be read.
    std::fs::write(&decision, r#"{"version":1,"consent":"on","agreed":{},"sdk":null,"level":"all"}"#).unwrap();
    assert!(says(&sandbox, &["status"]).contains("acme-levels: off"));
}

#[test]
fn where_there_are_no_levels_there_is_nothing_to_choose() {
    let sandbox = Sandbox::new();
    let output = run(&mut acme(&sandbox, &["telemetry", "on", "--level", "basic"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there are no levels to choose from"), "{output:?}");
    assert_eq!(folder(&sandbox), None, "and nothing was stored");
}

#[test]
fn a_lower_level_deletes_what_waits_and_holds_in_programs_that_run() {
    let sandbox = Sandbox::new();
    says(&sandbox, &["on"]);
    run_ok(&mut levels(&sandbox, &["keep"]));
    let seen = says(&sandbox, &["on", "--level", "basic"]);
    assert!(seen.contains("4 events were waiting to be sent, and deleted"), "{seen}");
    work(&sandbox);
    assert!(held(&sandbox).iter().all(|name| name == "started"), "{:?}", held(&sandbox));
    // The same while a program records.
    let sandbox = Sandbox::new();
    says(&sandbox, &["on"]);
    let mut program = levels(&sandbox, &["run"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "running");
    says(&sandbox, &["on", "--level", "basic"]);
    assert_eq!(lines.next().unwrap().unwrap(), "less", "it has seen it");
    // From here on nothing above it is kept; what was, is not sent.
    let before = held(&sandbox).iter().filter(|name| *name != "started" && *name != "active").count();
    program.stdin.take().unwrap().write_all(b"\n").unwrap();
    let ledger = Ledger::of(&serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap());
    assert!(program.wait().unwrap().success() && ledger.of_word("above_level") > 0, "{ledger:?}");
    work(&sandbox);
    let after = held(&sandbox).iter().filter(|name| *name != "started" && *name != "active").count();
    assert_eq!(after, before);
}
