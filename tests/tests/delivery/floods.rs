//! Answers that go on without an end, in every part that an answer has: what each costs in time, memory and bytes. Over
//! TLS, as everywhere but on the machine itself, and in plain text.

use std::{
    process::Command,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, ledger::Ledger, run};

use super::{
    hostile::GROWTH_KIB,
    secure::{HOST, program},
    wire_kit::{Authority, Certificate, Manner, Proxy},
};

/// What one answer has cost.
struct Cost {
    name: &'static str,
    outcome: &'static str,
    time: Duration,
    peak_kib: u64,
    bytes: u64,
}

/// Starts the program that offers its events, with what it needs to find the server.
type Start = fn(&Sandbox) -> Command;

fn in_plain(sandbox: &Sandbox) -> Command {
    sandbox.probe("peak")
}

fn over_tls(sandbox: &Sandbox) -> Command {
    let authority = Authority::new();
    let tls = authority.serve(HOST, Certificate::Good, sandbox.server.port());
    let with_flush = program(sandbox, &authority, Proxy::new(Manner::Connects(tls)).port);
    let mut command = sandbox.command(with_flush.get_program());
    command.arg("peak").envs(with_flush.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn cost(start: Start, name: &'static str, reply: Reply) -> Cost {
    let sandbox = Sandbox::new();
    sandbox.server.always(reply);
    let mut command = start(&sandbox);
    let begun = Instant::now();
    // It ends at all: the watchdog fails the test otherwise.
    let output = run(&mut command);
    let time = begun.elapsed();
    let said = String::from_utf8(output.stdout).unwrap();
    let (peak, status) = said.split_once('\n').unwrap_or_else(|| panic!("{name}: {said}"));
    let status: Value = serde_json::from_str(status).unwrap();
    let ledger = Ledger::of(&status["ledger"]);
    let of = |word| ledger.of_word(word);
    assert_eq!(sandbox.server.requests().len(), 1, "{name}: one request");
    let outcome = match (of("sent") > 0, of("waiting") > 0) {
        (true, false) => "`sent`",
        (false, true) => "wait",
        _ => panic!("{name}: {ledger:?}"),
    };
    Cost { name, outcome, time, peak_kib: peak.parse().unwrap(), bytes: sandbox.server.answered_bytes() }
}

fn measure(start: Start) {
    let plain = (0..3).map(|_| cost(start, "a plain answer", Reply::status(200)).peak_kib).max().unwrap();
    let mut replies = Reply::floods();
    replies.push(("one byte a second", Reply::status(200).body("{}").drip(Duration::from_secs(1))));
    replies.push(("nothing", Reply::hold()));
    let count = replies.len();
    let (rows, costs) = (Mutex::new(replies), Mutex::new(Vec::new()));
    let next = || rows.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, reply)) = next() {
                    let cost = cost(start, name, reply);
                    let growth = cost.peak_kib.saturating_sub(plain);
                    assert!(growth <= GROWTH_KIB, "{name}: {growth} KiB more than for a plain answer");
                    costs.lock().unwrap().push(cost);
                }
            });
        }
    });
    let mut costs = costs.into_inner().unwrap();
    assert_eq!(costs.len(), count);
    costs.sort_by_key(|cost| (cost.outcome, cost.name));
    println!("| the answer | the events | ended after | memory | taken from the server |");
    println!("| --- | --- | --- | --- | --- |");
    for Cost { name, outcome, time, peak_kib, bytes } in costs {
        let (time, bytes) = (time.as_secs_f64(), bytes as f64 / 1e6);
        let growth = peak_kib.saturating_sub(plain);
        println!("| {name} | {outcome} | {time:.1} s | {growth} KiB | {bytes:.1} MB |");
    }
}

/// `cargo test -p telemetry-tests --test delivery -- --nocapture o09` prints the table of `docs/delivery.md`.
#[test]
fn o09_an_answer_without_an_end_costs_its_time_and_a_bounded_buffer() {
    measure(over_tls);
}

#[test]
fn o09_an_answer_without_an_end_in_plain_text_costs_a_bounded_buffer() {
    measure(in_plain);
}
