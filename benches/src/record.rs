//! The cases of the benchmark `record`. They stand here so that a program and a plugin run the same.
#![allow(unsafe_code, reason = "a name that callgrind finds")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use telemetry_runtime::{flush, record, testing::events_in_memory};

use super::{Accepted, Component, Distinct, TELEMETRY, Throttled, use_loopback, wide};

/// Calls per round; few enough that every round of the accepted cases fits the queue without the worker.
pub const CALLS: u64 = 1_000;

/// The cases, each with the one that it is compared with. In a loop the compiler looks for the thread's data once; `alone`,
/// each call stands in a function of its own, as in a program, and looks for itself.
pub const CASES: [(&str, &str); 15] = [
    ("empty", "empty"),
    ("off", "empty"),
    ("throttled", "empty"),
    ("throttled, full table", "empty"),
    ("accepted", "empty"),
    ("accepted, 1 number", "empty"),
    ("accepted, 4 numbers", "empty"),
    ("accepted, 8 numbers", "empty"),
    ("accepted, 13 numbers", "empty"),
    ("accepted, 16 numbers", "empty"),
    ("accepted, 64 numbers", "empty"),
    ("empty, alone", "empty, alone"),
    ("off, alone", "empty, alone"),
    ("throttled, alone", "empty, alone"),
    ("accepted, alone", "empty, alone"),
];

/// Runs a case so many times; the median in nanoseconds per call. Checks by the ledger that it measured what it says.
pub fn run(case: &str, rounds: usize) -> f64 {
    use_loopback();
    let kind = case.split(',').next().unwrap_or_default();
    if matches!(kind, "throttled" | "accepted") {
        // Everything that happens once: the gate, the state folder, the worker, the table of events.
        record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
        record!(Accepted { component: Component::SignIn, appearance: true, overrides: 7 });
        wide::all(0);
        flush(Duration::from_secs(30)).expect("the server is up");
        if case.ends_with("full table") {
            fill_the_throttle();
        }
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

/// Leaves no free place in the throttle's table of 4,096.
fn fill_the_throttle() {
    for number in 0..20_000 {
        record!(Distinct { number });
    }
    record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
    flush(Duration::from_secs(300)).expect("the server is up");
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
        "accepted, 1 number" => (0..CALLS).for_each(wide::one),
        "accepted, 4 numbers" => (0..CALLS).for_each(wide::four),
        "accepted, 8 numbers" => (0..CALLS).for_each(wide::eight),
        "accepted, 13 numbers" => (0..CALLS).for_each(wide::thirteen),
        "accepted, 16 numbers" => (0..CALLS).for_each(wide::sixteen),
        "accepted, 64 numbers" => (0..CALLS).for_each(wide::sixty_four),
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
