//! The cases of the benchmark `record`. They stand here so that a program and a plugin run the same.
#![allow(unsafe_code, reason = "a name that callgrind finds")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use telemetry_runtime::{flush, record, testing::events_in_memory};

use crate::{Accepted, Component, TELEMETRY, Throttled, use_loopback};

/// Calls per round; below the queue's 2,048, so that the accepted case fits it without the worker.
pub const CALLS: u64 = 1_000;

/// The cases, each with the one that it is compared with. In a loop the compiler looks for the thread's data once; `alone`,
/// each call stands in a function of its own, as in a program, and looks for itself.
pub const CASES: [(&str, &str); 8] = [
    ("empty", "empty"),
    ("off", "empty"),
    ("throttled", "empty"),
    ("accepted", "empty"),
    ("empty, alone", "empty, alone"),
    ("off, alone", "empty, alone"),
    ("throttled, alone", "empty, alone"),
    ("accepted, alone", "empty, alone"),
];

/// Runs a case so many times; the median in nanoseconds per call. Checks by the ledger that it measured what it says.
pub fn run(case: &str, rounds: usize) -> f64 {
    use_loopback();
    let kind = case.trim_end_matches(", alone");
    if matches!(kind, "throttled" | "accepted") {
        // Everything that happens once: the gate, the state folder, the worker, the table of events.
        record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
        record!(Accepted { component: Component::SignIn, appearance: true, overrides: 7 });
        flush(Duration::from_secs(30)).expect("the server is up");
    } else if kind == "off" {
        record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
    }
    let before = TELEMETRY.status().ledger;
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            telemetry_bench_measured(case);
            let nanoseconds = start.elapsed().as_nanos() as f64 / CALLS as f64;
            if kind == "accepted" {
                // The next round is accepted as a whole, however long the worker has to wait for its turn.
                while events_in_memory(&TELEMETRY) > 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            nanoseconds
        })
        .collect();
    let after = TELEMETRY.status().ledger;
    let calls = CALLS * rounds as u64;
    match kind {
        "throttled" => assert_eq!(after.throttled - before.throttled, calls),
        "accepted" => assert_eq!((after.accepted - before.accepted, after.queue_full), (calls, 0)),
        _ => assert_eq!(after.offered, before.offered),
    }
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

/// The measured loops; callgrind counts between entering and leaving this function.
#[unsafe(no_mangle)]
#[inline(never)]
fn telemetry_bench_measured(case: &str) {
    match case {
        "empty" => {
            for number in 0..CALLS {
                black_box(number as u16);
            }
        }
        "accepted" => {
            for number in 0..CALLS {
                record!(Accepted {
                    component: Component::SignUp,
                    appearance: true,
                    overrides: black_box(number as u16)
                });
            }
        }
        "empty, alone" => (0..CALLS).for_each(|number| alone_empty(black_box(number as u16))),
        "accepted, alone" => (0..CALLS).for_each(|number| alone_accepted(black_box(number as u16))),
        "off, alone" | "throttled, alone" => (0..CALLS).for_each(|_| alone_throttled(black_box(7))),
        _ => {
            for number in 0..CALLS {
                black_box(number as u16);
                record!(Throttled { component: Component::SignIn, appearance: true, overrides: black_box(7) });
            }
        }
    }
}

#[inline(never)]
fn alone_empty(_overrides: u16) {}

#[inline(never)]
fn alone_accepted(overrides: u16) {
    record!(Accepted { component: Component::SignUp, appearance: true, overrides });
}

#[inline(never)]
fn alone_throttled(overrides: u16) {
    record!(Throttled { component: Component::SignIn, appearance: true, overrides });
}
