//! What is recorded while we are at work ourselves, or on threads of ours, is no event; what the host's own code records is.

use std::collections::BTreeMap;

use serde_json::Value;
use telemetry_tests::{Sandbox, run_ok, sibling};

use crate::{check_sums, ledger};

/// Runs the host to its end; what it said, and its ledger.
#[track_caller]
fn host(sandbox: &Sandbox, action: &str) -> (String, Value) {
    let said = run_ok(sandbox.command(sibling("reentrant")).arg(action));
    let ledger = ledger(&said);
    check_sums(&ledger);
    (said, ledger)
}

/// How often each event arrived, by name and number.
fn arrived(sandbox: &Sandbox) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (name, payload) in sandbox.events() {
        *counts.entry(format!("{name} {}", payload["number"])).or_default() += 1;
    }
    counts
}

#[test]
fn o04_a_host_may_record_in_its_allocator() {
    for action in ["allocator", "allocator-at-length", "allocator-command", "first-outside"] {
        let sandbox = Sandbox::new();
        let (_, ledger) = host(&sandbox, action);
        assert!(ledger["accepted"].as_u64() > Some(0), "{action}: {ledger}");
    }
}

#[test]
fn o04_what_our_threads_allocate_is_no_event() {
    let sandbox = Sandbox::new();
    let (_, ledger) = host(&sandbox, "idle");
    assert_eq!((&ledger["offered"], &ledger["sent"]), (&4.into(), &4.into()), "{ledger}");
    assert_eq!(arrived(&sandbox).len(), 4);
}

#[test]
fn o04_what_our_client_logs_is_no_event() {
    let sandbox = Sandbox::new();
    let (_, ledger) = host(&sandbox, "logger");
    assert_eq!((&ledger["offered"], &ledger["sent"]), (&1.into(), &1.into()), "{ledger}");
    assert_eq!(sandbox.server.requests().len(), 1, "an upload makes no other");
}

#[test]
fn o04_a_panic_hook_records_the_hosts_panics_and_not_ours() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(sibling("reentrant"));
    let said = run_ok(command.arg("panic-hook").env("COURIER_PANICS", "1"));
    let ledger = ledger(&said);
    check_sums(&ledger);
    assert_eq!(ledger["offered"], 2, "{said}");
}

#[test]
fn o04_the_end_of_a_thread_records_where_the_thread_is_the_hosts() {
    let sandbox = Sandbox::new();
    let (said, ledger) = host(&sandbox, "thread-end");
    assert_eq!(ledger["offered"], 1, "{said}");
    assert_eq!(arrived(&sandbox), [("happened 6".to_owned(), 1)].into());
}

#[test]
fn o04_what_the_hosts_values_record_are_events() {
    let sandbox = Sandbox::new();
    let (said, ledger) = host(&sandbox, "values");
    // The calls of one function are one event a day; each is offered.
    assert_eq!(ledger["offered"], 5, "{said}");
    assert!(said.contains("captured 3"), "{said}");
    assert_eq!(arrived(&sandbox)["happened 3"], 2);
}
