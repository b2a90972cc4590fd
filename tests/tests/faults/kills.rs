//! C1 and C8: killed at every system call that touches a file, one after the other, until the program survives.

use std::{cell::RefCell, os::unix::process::ExitStatusExt as _};

use telemetry_runtime::testing::Reply;
use telemetry_tests::Sandbox;

use crate::{
    NOBODY,
    check::{Story, deliver_rest, delivered, ledger_check, spooled, well},
    steps, tools,
    trace::{FILE_CALLS, traced},
};

/// What touches files and cannot be made to fail in a way that matters, but is a place to die at.
const OTHER_CALLS: [&str; 2] = ["close", "fcntl"];

/// In `cargo test` one kill in so many; all of them in `scripts/fault-tests`.
const STRIDE: usize = 8;

/// Kills a program at each of its calls. `prepare` makes a home, `after` judges what the killed one left. Without the calls
/// `needed` the sweep would show nothing.
fn sweep(what: &[&str], needed: &[&str], prepare: impl Fn() -> Sandbox, after: impl Fn(&Sandbox, Story, &str)) {
    let all = || FILE_CALLS.into_iter().chain(OTHER_CALLS);
    let calls = all().map(|call| format!("?{call}")).collect::<Vec<_>>().join(",");
    let plain = traced(&mut steps(&prepare(), 1, what), &["-e", &format!("trace={calls}")]);
    let made: Vec<_> = all().filter(|call| plain.calls(call) > 0).collect();
    let missing: Vec<_> = needed.iter().filter(|call| !made.iter().any(|made| made.starts_with(*call))).collect();
    assert!(missing.is_empty(), "it made no {missing:?}, only {made:?}");
    let (mut kills, mut begun) = (0, 0);
    for call in made {
        begun += 1;
        let mut at = if tools::in_full() { 1 } else { 1 + begun % STRIDE };
        loop {
            let sandbox = prepare();
            let inject = format!("inject={call}:signal=KILL:when={at}");
            let traced = traced(&mut steps(&sandbox, 1, what), &["-e", &format!("trace={call}"), "-e", &inject]);
            if traced.output.status.code() == Some(3) {
                break;
            }
            assert_eq!(traced.output.status.signal(), Some(9), "{inject}: {:?}", traced.output);
            after(&sandbox, Story::of(1, &traced.output), &inject);
            kills += 1;
            at += if tools::in_full() { 1 } else { STRIDE };
        }
    }
    println!("{kills} kills");
    assert!(kills > 10, "{kills}");
}

/// The next start is as if nothing had happened, and what was told to be on disk arrives.
fn nothing_is_lost(sandbox: &Sandbox, story: &Story, earlier: &[&Story], inject: &str) {
    println!("{inject}: {} of {} kept", story.kept.len(), story.trying.len());
    let rest = deliver_rest(sandbox, 2);
    let all: Vec<_> = [story, &rest].into_iter().chain(earlier.iter().copied()).collect();
    ledger_check(sandbox, &all);
    let arrived = delivered(sandbox);
    for story in earlier {
        assert_eq!(arrived.numbers.get(&story.run), Some(&story.kept), "{inject}: what an earlier run had left");
    }
}

#[test]
fn r07_c01_killed_at_every_call_what_was_told_to_be_on_disk_arrives() {
    if tools::strace() {
        let what = ["command:2", "event:2", "settle", "command:1"];
        let needed = ["openat", "write", "mkdirat", "renameat", "flock"];
        sweep(&what, &needed, Sandbox::new, |sandbox, story, inject| nothing_is_lost(sandbox, &story, &[], inject));
    }
}

#[test]
fn r07_c01_killed_at_every_call_of_a_delivery_nothing_is_lost_or_doubled() {
    if tools::strace() {
        let what = ["event:3", "flush", "command:2", "flush"];
        let needed = ["openat", "write", "fdatasync", "fsync", "renameat", "unlinkat", "flock"];
        sweep(&what, &needed, Sandbox::new, |sandbox, story, inject| nothing_is_lost(sandbox, &story, &[], inject));
    }
}

/// What dead processes have left is recovered, and halved because the server finds it too large.
#[test]
fn r07_c01_killed_at_every_call_of_a_recovery_nothing_is_lost_or_doubled() {
    if !tools::strace() {
        return;
    }
    let left = RefCell::new(Vec::new());
    let prepare = || {
        let sandbox = Sandbox::new();
        sandbox.server.reply(Reply::status(413));
        let leave = |run, what: &[&str]| well(run, steps(&sandbox, run, what).env(NOBODY.0, NOBODY.1));
        *left.borrow_mut() = vec![leave(3, &["command:2"]), leave(4, &["event:3", "settle"])];
        sandbox
    };
    let needed = ["openat", "write", "fdatasync", "fsync", "renameat", "unlinkat", "flock", "getdents64"];
    sweep(&["flush"], &needed, prepare, |sandbox, story, inject| {
        let left = left.borrow();
        nothing_is_lost(sandbox, &story, &left.iter().collect::<Vec<_>>(), inject);
    });
}

/// Whoever is killed while the user says no has stored the decision or not. Either way nothing is half done: the events
/// wait and arrive, or not one leaves this machine and the next start removes them.
#[test]
fn r13_c18_killed_at_every_call_of_an_opt_out_it_holds_or_was_not_made() {
    if !tools::strace() {
        return;
    }
    let left = RefCell::new(Vec::new());
    let prepare = || {
        let sandbox = Sandbox::new();
        let leave = |run| well(run, steps(&sandbox, run, &["command:3"]).env(NOBODY.0, NOBODY.1));
        *left.borrow_mut() = vec![leave(3), leave(4)];
        sandbox
    };
    let (held, not_made) = (RefCell::new(0), RefCell::new(0));
    let needed = ["openat", "write", "fdatasync", "renameat", "unlinkat"];
    sweep(&["off"], &needed, prepare, |sandbox, _, inject| {
        let file = sandbox.state().join("telemetry/spooler/consent.json");
        if std::fs::read_to_string(&file).is_ok_and(|text| text.contains("\"off\"")) {
            *held.borrow_mut() += 1;
            let next = well(2, &mut steps(sandbox, 2, &["command:1", "flush"]));
            assert_eq!((next.count("sent"), next.count("waiting")), (0, 0), "{inject}: {next:?}");
            assert_eq!((sandbox.server.requests().len(), spooled(sandbox).len()), (0, 0), "{inject}");
        } else {
            *not_made.borrow_mut() += 1;
            let rest = deliver_rest(sandbox, 2);
            let left = left.borrow();
            ledger_check(sandbox, &[&left[0], &left[1], &rest]);
            assert_eq!(delivered(sandbox).events, 6, "{inject}");
        }
    });
    assert!(*held.borrow() > 0 && *not_made.borrow() > 0, "{held:?} {not_made:?}");
}
