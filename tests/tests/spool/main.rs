//! Faults of processes, disks and files, each with the sum at its end: delivered ∪ waiting ∪ counted = recorded. Real
//! programs, a real server, real signals. `docs/spool.md` says what is promised.

mod consent;
mod crowd;
mod health;
mod kill;
mod layout;
mod shared;
mod under_way;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use serde_json::Value;
use telemetry_tests::{Sandbox, ledger::Ledger, run, sibling};

/// The program of these tests, told what to do.
fn spooler(sandbox: &Sandbox, action: &str, arguments: &[u64]) -> Command {
    let mut command = sandbox.command(sibling("spooler"));
    command.arg(action).args(arguments.iter().map(u64::to_string));
    command
}

/// Runs a program to its end, which must be a good one: nothing said but what we asked for. Answers with its last line.
#[track_caller]
fn said(command: &mut Command) -> String {
    let output = run(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<_> = errors.lines().filter(|line| !line.contains("loopback")).collect();
    assert!(output.status.success() && errors.is_empty(), "{command:?}: {} {errors:?}", output.status);
    String::from_utf8(output.stdout).expect("programs print UTF-8").lines().last().unwrap_or_default().to_owned()
}

/// The ledger that a program prints at its end. Both sums must hold.
#[track_caller]
fn ledger(command: &mut Command) -> Ledger {
    Ledger::of(&serde_json::from_str(&said(command)).expect("a ledger is JSON"))
}

/// What a state folder says of all programs. Both sums must hold.
#[track_caller]
fn total(sandbox: &Sandbox) -> Ledger {
    let status = run(&mut spooler(sandbox, "status", &[]));
    let status: Value = serde_json::from_slice(&status.stdout).expect("a status is JSON");
    Ledger::of(&status["total"]["counts"])
}

/// The events at the server, after dedupe by id: the numbers of each run. Whatever came twice came the same.
#[track_caller]
fn delivered(sandbox: &Sandbox) -> BTreeMap<u64, BTreeSet<u64>> {
    let (mut ids, mut runs) = (BTreeMap::new(), BTreeMap::<u64, BTreeSet<u64>>::new());
    for event in events(sandbox, "numbered") {
        let id = event["id"].as_str().expect("these events have ids").to_owned();
        let (run, number) = (event["payload"]["run"].as_u64().unwrap(), event["payload"]["number"].as_u64().unwrap());
        match ids.insert(id, event.clone()) {
            Some(known) => assert_eq!(known, event, "one id for two events"),
            None => assert!(runs.entry(run).or_default().insert(number), "event {number} of run {run} under two ids"),
        }
    }
    runs
}

/// All events of one name at the server, repeats included.
fn events(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    let bodies = sandbox.server.requests().into_iter().map(|request| request.body);
    let batches = bodies.map(|body| serde_json::from_slice::<Value>(&body).expect("a batch is whole JSON"));
    let events = batches.flat_map(|batch| batch["events"].as_array().cloned().expect("a batch holds events"));
    events.filter(|event| event["event"] == name).collect()
}

/// The files of the spool.
fn spooled(sandbox: &Sandbox) -> Vec<PathBuf> {
    let folder = spool_folder(sandbox);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| !path.ends_with("lock")).collect();
    files.sort();
    files
}

fn sdk_folder(sandbox: &Sandbox) -> PathBuf {
    sandbox.state().join("telemetry/spooler")
}

fn spool_folder(sandbox: &Sandbox) -> PathBuf {
    sdk_folder(sandbox).join("spool").join(format!("spooler{}", std::env::consts::EXE_SUFFIX))
}

/// As if nobody listened.
const NOBODY: (&str, &str) = ("PROBE_PORT", "1");
