//! Programs that fork, with and without starting another one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use telemetry_runtime::{FlushError, StatusMode, flush, record, record_with, reinit_after_fork, veto_all};
use telemetry_tests::native::{self, fork};

use crate::{CommandRun, Happened, TELEMETRY, endings::wait_for_the_test, record_all};

/// Far beyond anything that is promised; a deadlock lasts for ever.
const WATCHDOG_SECONDS: u32 = 60;

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    match action {
        "fork-child" => with_child(),
        "fork-in-closure" => in_closure(),
        "fork-grandchild" => with_grandchild(),
        "fork-vetoed" => vetoed(),
        "fork-early" => before_the_first_event(),
        "fork-raw" => past_the_library(),
        "fork-exec" => then_exec(),
        "fork-long-child" => long_child(),
        "fork-loops" => loops(arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or_default()),
        // What is open here besides the three standard streams.
        "descriptors" => println!("{:?}", descriptors()),
        // What is open and runs after everything was delivered and shut down, that was not before.
        "shutdown-leaves" => {
            // Where any crate of the program turns on tokio's feature `signal`, the first runtime with I/O makes a pair of
            // sockets that stays for the life of the process: tokio's, and once.
            drop(tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
            let before = descriptors();
            record_all();
            println!("{:?}", telemetry_runtime::shutdown(Duration::from_secs(20)));
            // The threads have said that they end; the kernel takes a moment more, also to close what they had open.
            while std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count) > 1 {
                thread::sleep(Duration::from_millis(1));
            }
            let left: Vec<_> = descriptors().into_iter().filter(|open| !before.contains(open)).collect();
            println!("alone, left: {left:?}");
        }
        _ => return false,
    }
    true
}

/// One line that says who speaks: counts of the ledger, or the mode where that is not on.
fn say(who: &str) {
    let status = TELEMETRY.status();
    let ledger = status.ledger;
    let layer = status.layers.first().expect("a status has layers");
    println!(
        "{who}: {} offered {} sent {} recovered {} waiting {} / layer {} {}",
        status.mode, ledger.offered, ledger.sent, ledger.recovered, ledger.waiting, layer.number, layer.source
    );
}

/// Runs `child` in a child and waits for it, which must end well.
fn in_child(child: impl FnOnce()) {
    let Some(pid) = fork() else {
        native::end_after(WATCHDOG_SECONDS);
        child();
        native::exit_at_once(0);
    };
    assert_eq!(native::wait(pid), 0, "the child did not end well");
}

fn with_child() {
    for number in 1..=3 {
        record!(Happened { number });
    }
    reinit_after_fork(); // No child: nothing happens.
    in_child(|| {
        record!(Happened { number: 100 });
        record!(CommandRun { number: 100 });
        say("silent");
        assert_eq!(flush(Duration::from_secs(600)), Err(FlushError::Forked));
        reinit_after_fork();
        reinit_after_fork();
        say("ready");
        for number in 101..=103 {
            record!(Happened { number });
        }
        reinit_after_fork(); // Ready already: what is queued stays.
        record!(CommandRun { number: 104 });
        println!("{:?}", flush(Duration::from_secs(20)));
        say("child");
    });
    println!("{:?}", flush(Duration::from_secs(20)));
    say("parent");
}

fn in_closure() {
    record!(Happened { number: 1 });
    let mut pid = None;
    record_with(|| {
        pid = fork();
        Happened { number: 2 }
    });
    let Some(pid) = pid else {
        native::end_after(WATCHDOG_SECONDS);
        reinit_after_fork();
        record!(Happened { number: 3 });
        println!("{:?}", flush(Duration::from_secs(20)));
        native::exit_at_once(0)
    };
    assert_eq!(native::wait(pid), 0);
    println!("{:?}", flush(Duration::from_secs(20)));
}

fn with_grandchild() {
    record!(Happened { number: 1 });
    in_child(|| {
        // Silent, and forks again: whose child the next one is makes no difference.
        in_child(|| {
            record!(Happened { number: 100 });
            say("grandchild of a silent child");
            reinit_after_fork();
            record!(Happened { number: 2 });
            println!("{:?}", flush(Duration::from_secs(20)));
        });
        reinit_after_fork();
        record!(Happened { number: 3 });
        in_child(|| {
            record!(Happened { number: 100 });
            say("grandchild of a ready child");
            reinit_after_fork();
            record!(Happened { number: 4 });
            println!("{:?}", flush(Duration::from_secs(20)));
        });
        println!("{:?}", flush(Duration::from_secs(20)));
    });
    println!("{:?}", flush(Duration::from_secs(20)));
}

fn vetoed() {
    record!(Happened { number: 1 });
    let _ = flush(Duration::from_secs(20));
    veto_all();
    in_child(|| {
        reinit_after_fork();
        record!(Happened { number: 2 });
        println!("{:?}", flush(Duration::from_secs(20)));
        say("child");
    });
}

fn before_the_first_event() {
    in_child(|| {
        record!(Happened { number: 1 });
        println!("{:?}", flush(Duration::from_secs(20)));
        say("child");
    });
    record!(Happened { number: 2 });
    println!("{:?}", flush(Duration::from_secs(20)));
}

/// The child may not do much here, by the rules of the C library. It records a command, as a child that does not know of
/// us would.
fn past_the_library() {
    record!(CommandRun { number: 1 });
    let _ = flush(Duration::from_secs(20));
    let Some(pid) = native::fork_past_the_library() else {
        native::end_after(WATCHDOG_SECONDS);
        record!(CommandRun { number: 2 });
        native::exit_at_once(i32::from(TELEMETRY.status().mode != StatusMode::Forked));
    };
    assert_eq!(native::wait(pid), 0);
    record!(CommandRun { number: 3 });
    println!("{:?}", flush(Duration::from_secs(20)));
}

/// Becomes another program while a request is in flight.
fn then_exec() {
    record_all();
    thread::spawn(|| flush(Duration::from_secs(600)));
    wait_for_the_test();
    let Some(pid) = fork() else {
        let program = std::env::current_exe().expect("the probe knows its path");
        native::exec(&program, &["descriptors"]);
        native::exit_at_once(1)
    };
    assert_eq!(native::wait(pid), 0);
}

/// A child that stays, silent, whatever becomes of its parent.
fn long_child() {
    record!(CommandRun { number: 7 });
    record!(CommandRun { number: 8 });
    // A file that the worker opens in the very moment of the fork stays with the child: wait until it is done.
    let mut before = descriptors();
    loop {
        thread::sleep(Duration::from_millis(200));
        let now = descriptors();
        if now == before {
            break;
        }
        before = now;
    }
    assert!(before.iter().any(|open| open.contains("/telemetry/")), "the parent has files open: {before:?}");
    let Some(pid) = fork() else {
        let left: Vec<_> = descriptors().into_iter().filter(|open| open.contains("/telemetry/")).collect();
        println!("child: {left:?}");
        wait_for_the_test();
        native::exit_at_once(0)
    };
    println!("pid: {pid}");
    native::exit_at_once(native::wait(pid));
}

/// Forks again and again while other threads record and the worker appends. Every child asks everything that it may ask,
/// and every tenth one records for itself.
fn loops(count: u32) {
    let end = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU32::new(1));
    record!(Happened { number: 0 });
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (end, next) = (end.clone(), next.clone());
            thread::spawn(move || {
                while !end.load(Ordering::Relaxed) {
                    record!(Happened { number: next.fetch_add(1, Ordering::Relaxed) });
                    // Locks that an unlucky fork finds taken.
                    let _ = TELEMETRY.status();
                    thread::sleep(Duration::from_millis(1));
                }
            })
        })
        .collect();
    for number in 0..count {
        in_child(|| {
            record!(Happened { number: 1_000_000 });
            record!(CommandRun { number: 1_000_000 });
            assert_eq!(flush(Duration::from_secs(600)), Err(FlushError::Forked));
            if number % 10 == 0 {
                assert_eq!(TELEMETRY.status().mode, StatusMode::Forked);
                reinit_after_fork();
                record!(CommandRun { number });
                record!(Happened { number: 500_000 + number });
                assert_eq!(TELEMETRY.status().ledger.offered, 2);
                assert!(flush(Duration::from_secs(20)).is_ok());
            }
        });
        if number % 50 == 0 {
            assert!(flush(Duration::from_secs(20)).is_ok());
        }
    }
    end.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().expect("recording never panics"));
    println!("{:?}", flush(Duration::from_secs(20)));
    println!("recorded {}", next.load(Ordering::Relaxed));
    crate::endings::print_ledger();
}

/// What is open besides the three standard streams, as `number -> what`.
fn descriptors() -> Vec<String> {
    let open = std::fs::read_dir("/proc/self/fd").expect("/proc lists what is open");
    let mut open: Vec<_> = open
        .flatten()
        .filter_map(|entry| {
            let number: u32 = entry.file_name().to_str()?.parse().ok()?;
            // The folder that is being read is closed by now, or names itself.
            let what = std::fs::read_link(entry.path()).ok()?.display().to_string();
            (number > 2 && !what.ends_with("/fd")).then(|| format!("{number} -> {what}"))
        })
        .collect();
    open.sort();
    open
}
