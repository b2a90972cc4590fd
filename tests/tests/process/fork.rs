//! C12: children of `fork` fall silent, begin afresh when asked to, and leave everything else to their parents.

use std::{path::Path, process::Stdio};

use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, WATCHDOG, finish, run, run_ok};

use crate::{deliver, lines, numbers};

#[test]
fn r08_a_child_is_silent_and_records_for_itself_after_reinit() {
    let sandbox = Sandbox::new();
    let said = flushes(&run_ok(&mut sandbox.probe("fork-child")));
    let repair = "layer 0 call telemetry_runtime::reinit_after_fork() in the child";
    let layer_one = "layer 1 cargo features";
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(
        lines[..2],
        [
            &format!("silent: forked offered 0 sent 0 recovered 0 waiting 0 / {repair}"),
            &format!("ready: on offered 0 sent 0 recovered 0 waiting 0 / {layer_one}"),
        ]
    );
    assert!(is_flushed(lines[2]), "{said}");
    // What waits is sent by who comes first: what the one has recorded and the other has sent is recovered there, and
    // stands as waiting here.
    let counts = |line: &str, who: &str| -> [u64; 4] {
        let words: Vec<_> = line.strip_prefix(who).unwrap().split(' ').collect();
        ["offered", "sent", "recovered", "waiting"]
            .map(|word| words[words.iter().position(|other| *other == word).unwrap() + 1].parse().unwrap())
    };
    let (child, parent) = (counts(lines[3], "child: on "), counts(lines[5], "parent: on "));
    assert_eq!((child[0], parent[0], lines[4]), (4, 3, FLUSHED), "{said}");
    assert_eq!(child[1] + parent[1], 7, "{said}");
    assert_eq!(child[2] + parent[2], child[3] + parent[3], "{said}");
    assert_eq!(numbers(&sandbox.server, "happened"), [1, 2, 3, 101, 102, 103]);
    assert_eq!(numbers(&sandbox.server, "command_run"), [104]);
    let again = deliver(&sandbox);
    assert_eq!((&again["recovered"], &again["sent"]), (&0.into(), &0.into()), "nothing is left: {again}");
}

#[test]
fn r08_a_fork_in_the_closure_that_makes_the_event_records_once() {
    let sandbox = Sandbox::new();
    let said = flushes(&run_ok(&mut sandbox.probe("fork-in-closure")));
    let lines: Vec<_> = said.lines().collect();
    assert!(lines.len() == 2 && is_flushed(lines[0]) && lines[1] == FLUSHED, "{said}");
    assert_eq!(numbers(&sandbox.server, "happened"), [1, 2, 3]);
}

#[test]
fn r08_grandchildren_are_silent_and_begin_afresh_as_well() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("fork-grandchild"));
    assert_eq!(said.matches(": forked offered 0 ").count(), 2, "{said}");
    let said = flushes(&said);
    let ends: Vec<_> = said.lines().filter(|line| !line.starts_with("grandchild")).collect();
    assert!(ends.len() == 4 && ends.iter().all(|line| is_flushed(line)) && ends[3] == FLUSHED, "{said}");
    assert_eq!(numbers(&sandbox.server, "happened"), [1, 2, 3, 4]);
}

#[test]
fn r08_a_veto_holds_in_the_child() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("fork-vetoed"));
    assert!(said.starts_with("Err(Refused)\nchild: off offered 0 "), "{said}");
    assert_eq!(numbers(&sandbox.server, "happened"), [1]);
}

#[test]
fn r08_a_fork_before_the_first_event_needs_nothing() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("fork-early"));
    let said = flushes(&said);
    assert!(said.starts_with(&format!("{FLUSHED}\nchild: on offered 1 ")), "{said}");
    assert!(said.ends_with(FLUSHED), "{said}");
    assert_eq!(numbers(&sandbox.server, "happened"), [1, 2]);
}

#[test]
fn r08_a_child_that_bypassed_the_c_library_writes_nothing() {
    let sandbox = Sandbox::new();
    assert_eq!(flushes(&run_ok(&mut sandbox.probe("fork-raw"))), FLUSHED);
    assert_eq!(numbers(&sandbox.server, "command_run"), [1, 3]);
    assert_eq!(deliver(&sandbox)["recovered"], 0);
}

#[test]
fn r08_another_program_inherits_no_descriptor() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::hold());
    let mut child = sandbox.probe("fork-exec").stdin(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1, "the request is there and has no answer");
    drop(child.stdin.take());
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
    // What the runner of these tests has left open for its children is not ours.
    let without = run_ok(&mut sandbox.probe("descriptors"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), without);
}

#[test]
fn r08_a_child_that_stays_keeps_no_file_of_its_dead_parent() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.probe("fork-long-child").env("PROBE_PORT", "1").stdin(Stdio::piped()).spawn().unwrap();
    let mut said = lines(&mut child);
    let mut next = || said.next().unwrap().unwrap();
    let mut both = [next(), next()];
    both.sort();
    assert_eq!(both[0], "child: []", "it has closed its copies");
    let pid: u32 = both[1].strip_prefix("pid: ").unwrap().parse().unwrap();
    let stdin = child.stdin.take(); // `wait` would close it, and the child ends with it.
    child.kill().unwrap();
    child.wait().unwrap();
    let ledger = deliver(&sandbox);
    assert!(Path::new(&format!("/proc/{pid}")).exists(), "the child lives");
    assert_eq!((&ledger["recovered"], &ledger["sent"]), (&2.into(), &2.into()), "{ledger}");
    assert_eq!(numbers(&sandbox.server, "command_run"), [7, 8]);
    drop(stdin); // Now the child ends, and closes its standard output.
    assert!(said.next().is_none());
}

/// Other threads record, ask for the status and append meanwhile, so that forks find locks taken. A child that waited for
/// one would be ended by its watchdog.
#[test]
fn r08_a_thousand_forks_in_the_middle_of_everything() {
    let sandbox = Sandbox::new();
    let output = run(sandbox.probe("fork-loops").arg("1000"));
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = said.lines().collect();
    let recorded: u64 = lines[1].strip_prefix("recorded ").unwrap().parse().unwrap();
    let ledger: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    let of = |key: &str| ledger[key].as_u64().unwrap();
    assert_eq!(of("offered"), recorded, "{ledger}");
    let rest = deliver(&sandbox);
    // The parent counts what children left and it has found as recovered, so both sides hold both.
    let ended = [
        "unknown",
        "counted",
        "queue_full",
        "oversize",
        "disk",
        "evicted",
        "expired",
        "corrupt",
        "rejected",
        "conflict",
        "vetoed",
        "opted_out",
        "gate_closed",
        "other_destination",
    ];
    assert!(ended.iter().all(|key| of(key) == 0 && rest[*key] == 0), "nothing is lost: {ledger} {rest}");
    let commands: Vec<u64> = (0..1000).step_by(10).collect();
    assert_eq!(numbers(&sandbox.server, "command_run"), commands, "each child's own, once, and no silent one's");
    let happened: Vec<u64> = (0..recorded).chain(commands.iter().map(|number| 500_000 + number)).collect();
    assert_eq!(numbers(&sandbox.server, "happened"), happened, "all of the parent's, once");
}

/// A flush after which nothing waits.
const FLUSHED: &str = "flushed";

/// A flush that has sent everything, or that has left to another process what it is sending at that moment. What is left so
/// is delivered by the last one, or by the process that has it: the tests look at what arrived.
fn is_flushed(line: &str) -> bool {
    line == FLUSHED || line.starts_with("Ok(Flushed { sent: 0, waiting: ")
}

/// What a program said, with [`FLUSHED`] in the place of each such flush. How many events a flush has sent is no matter:
/// after five seconds, on a busy machine before the flush, they go by themselves.
fn flushes(said: &str) -> String {
    let flush = |line: &str| line.starts_with("Ok(Flushed { sent: ") && line.ends_with(", waiting: 0 })");
    said.lines().map(|line| if flush(line) { FLUSHED } else { line }).collect::<Vec<_>>().join("\n")
}
