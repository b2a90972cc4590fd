//! Processes that are no plain ones: forked, sandboxed, interrupted, with libraries that come and go. Decided by order,
//! under a watchdog. Linux only, where `/proc` says what a process holds.
#![cfg(target_os = "linux")]

mod endings;
mod fork;
mod plugins;
mod sandboxes;
mod signals;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command},
};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Received};
use telemetry_tests::{Sandbox, run_ok};

/// The events of one `record_all` of the probe, of which one is a [`numbers`] `happened`.
const ALL: u64 = 5;

/// What a program of the sandbox that only delivers has counted; a failure of an earlier one does not hold it back.
fn deliver(sandbox: &Sandbox) -> Value {
    sandbox.forget_failures();
    ledger(&mut sandbox.probe("deliver-ledger"))
}

fn ledger(command: &mut Command) -> Value {
    let said = run_ok(command);
    serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The numbers of all `event`s that arrived, each once for each event id, in order. A number that stands there twice was
/// sent as two events.
fn numbers(server: &LoopbackServer, event: &str) -> Vec<u64> {
    let mut by_id: BTreeMap<String, u64> = BTreeMap::new();
    for sent in server.requests().iter().flat_map(batch).filter(|sent| sent["event"] == event) {
        let id = sent["id"].as_str().expect("extended events have ids").to_owned();
        let number = sent["payload"]["number"].as_u64().expect("these events are numbered");
        let known = by_id.insert(id, number);
        assert!(known.is_none_or(|known| known == number), "one id for two events");
    }
    let mut numbers: Vec<_> = by_id.into_values().collect();
    numbers.sort_unstable();
    numbers
}

/// How many events arrived, each once for each event id.
fn arrived(server: &LoopbackServer) -> usize {
    let ids = server
        .requests()
        .into_iter()
        .flat_map(|request| batch(&request))
        .map(|sent| sent["id"].as_str().map(str::to_owned));
    ids.collect::<std::collections::BTreeSet<_>>().len()
}

fn batch(request: &Received) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).expect("batches are JSON");
    body["events"].as_array().expect("batches hold events").clone()
}

/// The standard output of a program that is still running, line by line.
fn lines(child: &mut Child) -> std::io::Lines<BufReader<ChildStdout>> {
    BufReader::new(child.stdout.take().expect("it is piped")).lines()
}
