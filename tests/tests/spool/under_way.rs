//! A decision that arrives while a request has no answer yet: each event has one outcome, counted by who sends it.

use std::{
    io::{Read as _, Write as _},
    process::{Child, Stdio},
};

use telemetry_runtime::testing::Reply;
use telemetry_tests::{WATCHDOG, finish};

use super::*;

/// A process that records 1,030 events, of which 1,000 are in a request that has no answer, and then waits for a line.
fn with_a_request_under_way(sandbox: &Sandbox, then: &[&str]) -> Child {
    sandbox.server.reply(Reply::hold());
    let mut command = sandbox.command(sibling("spooler"));
    command.args(["steps", "1", "event:1030", "settle", "line"]).args(then).arg("ended");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1);
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    child
}

/// Its ledger at its end, while the server still says nothing.
#[track_caller]
fn ledger_of(mut child: Child) -> Ledger {
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(finish(child).status.code(), Some(3), "{said}");
    Ledger::of(&serde_json::from_str(said.lines().last().unwrap()).unwrap())
}

/// What became of the events: those on their way may have arrived, and the others ended by the decision.
#[track_caller]
fn assert_each_once(ledger: &Ledger, by_decision: &str) {
    let counts = |words: &[&str]| words.iter().map(|word| ledger.of_word(word)).collect::<Vec<_>>();
    assert_eq!(counts(&["accepted", "recovered", "waiting", "sent"]), [1_030, 0, 0, 0], "{ledger:?}");
    assert_eq!(counts(&["unknown", by_decision]), [1_000, 30], "{ledger:?}");
}

#[test]
fn o23_off_while_a_request_is_under_way_counts_each_event_once() {
    let sandbox = Sandbox::new();
    let ledger = ledger_of(with_a_request_under_way(&sandbox, &["off"]));
    assert_each_once(&ledger, "opted_out");
    sandbox.server.release();
    let total = total(&sandbox);
    assert_eq!((total.of_word("accepted"), total.of_word("waiting"), total.lost()), (1_030, 0, 1_030), "{total:?}");
}

/// The folder was opened a second time since: what is under way is known to the process, and not to who opened it.
#[test]
fn o23_a_folder_that_is_opened_again_knows_what_is_under_way() {
    for (then, by_decision) in [("off", "opted_out"), ("veto", "vetoed")] {
        let sandbox = Sandbox::new();
        // One event more, so that the folder is opened again.
        let child = with_a_request_under_way(&sandbox, &["reload", "event:1", "settle", then]);
        let ledger = ledger_of(child);
        let counts = ["accepted", "recovered", "waiting", "unknown", by_decision].map(|word| ledger.of_word(word));
        assert_eq!(counts, [1_031, 0, 0, 1_000, 31], "{then}: {ledger:?}");
        sandbox.server.release();
    }
}

#[test]
fn o23_a_veto_while_a_request_is_under_way_counts_each_event_once() {
    let sandbox = Sandbox::new();
    assert_each_once(&ledger_of(with_a_request_under_way(&sandbox, &["veto"])), "vetoed");
    sandbox.server.release();
}

/// What an earlier run left is on its way in this one: nobody counts it twice either.
#[test]
fn o23_off_while_the_events_of_another_run_are_under_way_counts_none_twice() {
    let sandbox = Sandbox::new();
    let left = ledger(spooler(&sandbox, "record-deliver", &[1, 20]).env(NOBODY.0, NOBODY.1));
    assert_eq!(left.of_word("waiting"), 20);
    sandbox.forget_failures();
    sandbox.server.reply(Reply::hold());
    let mut command = sandbox.command(sibling("spooler"));
    command.args(["steps", "2", "command:1", "line", "off", "ended"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1);
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let ledger = ledger_of(child);
    sandbox.server.release();
    let ended = ledger.of_word("unknown") + ledger.of_word("opted_out");
    assert_eq!((ledger.of_word("accepted"), ledger.of_word("sent")), (1, 0), "{ledger:?}");
    assert_eq!(ended, 1 + ledger.of_word("recovered"), "{ledger:?}");
    let total = total(&sandbox);
    assert_eq!(
        (total.of_word("accepted") + total.of_word("recovered"), total.of_word("waiting")),
        (21, 0),
        "{total:?}"
    );
}
