//! Harm to the host: its signals, its files, its terminal and its privileges are its own. Names begin with the number of
//! what was once found broken.
#![cfg(target_os = "linux")]

mod descriptors;
mod privileges;
mod reentry;
mod screens;
mod signals;

use serde_json::Value;

/// A test cannot run here; `scripts/fault-tests` makes a failure of it.
#[track_caller]
fn not_run(missing: &str) {
    assert!(std::env::var_os("TELEMETRY_TESTS_FAULTS").is_none(), "NOT RUN: {missing}");
    eprintln!("NOT RUN: {missing}; see scripts/fault-tests");
}

/// The ledger in the last line of what a program said.
fn ledger(said: &str) -> Value {
    serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// That every event ended once.
#[track_caller]
fn check_sums(ledger: &Value) {
    const BEFORE: [&str; 4] = ["before_notice", "awaiting_consent", "sampled_out", "throttled"];
    const BEGINNINGS: [&str; 3] = ["offered", "accepted", "recovered"];
    let count = |name: &str| ledger[name].as_u64().unwrap_or_else(|| panic!("no {name}: {ledger}"));
    let ends: u64 = ledger
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|name| !BEFORE.contains(name) && !BEGINNINGS.contains(name))
        .map(count)
        .sum();
    assert_eq!(count("offered"), BEFORE.iter().copied().map(count).sum::<u64>() + count("accepted"), "{ledger}");
    assert_eq!(count("accepted") + count("recovered"), ends, "{ledger}");
}
