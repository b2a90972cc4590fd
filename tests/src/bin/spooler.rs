//! The program that the tests of the spool run, many at a time, and kill. The first argument says what it does.
//! `PROBE_PORT` is the port of the test's server.

#[path = "spooler/steps.rs"]
mod steps;

use std::{
    io::{Read as _, Write as _},
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use telemetry_runtime::{Consent, Options, Sdk, flush, record, sdk, telemetry_event, testing::events_in_memory};

/// The spooler's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "spooler",
    role: Library,
    default: On,
    env: "SPOOLER",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://spooler.example/telemetry",
    operator: "Spooler Inc.",
    contact: "privacy@spooler.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    health: Daily,
};

/// An event of a run, by its number.
#[telemetry_event(throttle = None)]
pub struct Numbered {
    /// The run, as the test counts them.
    #[telemetry(range = 0..=1_000_000)]
    run: u32,
    /// Its number in the run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// A command of a run, by its number: on disk when `record!` returns.
#[telemetry_event(kind = Command)]
pub struct Commanded {
    /// The run, as the test counts them.
    #[telemetry(range = 0..=1_000_000)]
    run: u32,
    /// Its number in the run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

fn main() {
    steps::await_tracer();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("PROBE_PORT is a port");
    TELEMETRY.configure(Options::new().loopback_port(port).loopback());
    let (run, count) = (number(1), number(2));
    match arguments.first().map(String::as_str).unwrap_or_default() {
        "until-killed" => until_killed(run, count),
        "steps" => steps::steps(run, arguments.get(2..).unwrap_or_default()),
        // So many events, on disk when this ends.
        "record" => {
            (0..count).for_each(|number| record!(Numbered { run, number }));
            settle();
            print_ledger();
        }
        // So many events, delivered a few at a time.
        "record-deliver" => {
            for number in 0..count {
                record!(Numbered { run, number });
                if number % 100 == 99 {
                    let _ = flush(Duration::from_secs(60));
                }
            }
            let _ = flush(Duration::from_secs(60));
            print_ledger();
        }
        // What earlier runs left.
        "deliver" => {
            let _ = flush(Duration::from_secs(60));
            print_ledger();
        }
        // So many events of each of so many threads, while nobody answers.
        "burst" => burst(run, count),
        // One event on its way to the server; another one after the test has closed our standard input. Ends when nothing
        // waits any more.
        "in-flight" => {
            record!(Numbered { run, number: 0 });
            thread::spawn(|| flush(Duration::from_secs(600)));
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            record!(Numbered { run, number: 1 });
            settle();
            let begun = Instant::now();
            while TELEMETRY.status().ledger.waiting > 0 && begun.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(5));
            }
            print_ledger();
        }
        "off" => TELEMETRY.set_consent(Consent::Off).expect("the decision can be stored"),
        "status" => println!("{}", TELEMETRY.status().to_json()),
        "status-text" => println!("{}", TELEMETRY.status()),
        // Everything that this does to its signals; then whatever the test sends.
        "signals" => {
            // The first thread of a program has some C libraries install a handler of their own.
            let _ = thread::spawn(|| {}).join();
            println!("{}", caught_signals());
            record!(Numbered { run, number: 0 });
            let _ = flush(Duration::from_secs(60));
            println!("{}", caught_signals());
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }
        action => {
            eprintln!("spooler: no such action: {action:?}");
            std::process::exit(2);
        }
    }
}

/// Records until somebody kills it, and says before each event which one and when. A thread beside it says how late it
/// is woken from a nap as long as the worker's: on a busy machine nobody is on time.
fn until_killed(run: u32, count: u32) {
    thread::spawn(|| {
        loop {
            println!("woken {}", now());
            thread::sleep(Duration::from_millis(20));
        }
    });
    let mut out = std::io::stdout();
    for number in 0..count {
        let _ = out.write_all(format!("recording {number} {}\n", now()).as_bytes());
        let _ = out.flush();
        record!(Numbered { run, number });
        // A queue that overflowed would be another reason to lose events.
        while events_in_memory(&TELEMETRY) > 1_500 {
            thread::sleep(Duration::from_millis(1));
        }
        if number % 10 == 9 {
            thread::sleep(Duration::from_millis(1));
        }
    }
    settle();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn burst(threads: u32, count: u32) {
    let (ready, start) = (Arc::new(Barrier::new(threads as usize + 1)), Arc::new(Barrier::new(threads as usize + 1)));
    let workers: Vec<_> = (0..threads)
        .map(|run| {
            let (ready, start) = (ready.clone(), start.clone());
            thread::spawn(move || {
                ready.wait();
                start.wait();
                (0..count).for_each(|number| record!(Numbered { run, number }));
            })
        })
        .collect();
    ready.wait();
    println!("{}", memory());
    start.wait();
    for worker in workers {
        let _ = worker.join();
    }
    settle();
    println!("{}", memory());
    print_ledger();
}

/// Waits until everything that was recorded is on disk or counted.
fn settle() {
    while events_in_memory(&TELEMETRY) > 0 {
        thread::sleep(Duration::from_millis(1));
    }
}

fn print_ledger() {
    println!("{}", serde_json::to_string(&TELEMETRY.status().ledger).unwrap_or_default());
}

/// Nanoseconds of a clock that all processes share.
fn now() -> u64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    }
    #[cfg(not(unix))]
    0
}

/// What this process has taken of memory for itself, in KiB; the pages of its file, which grow with the code, are not in it.
fn memory() -> u64 {
    let value = status_line("RssAnon:");
    value.trim_end_matches(" kB").trim().parse().expect("a number of KiB")
}

/// The signals that this process has handlers for.
fn caught_signals() -> String {
    status_line("SigCgt:")
}

fn status_line(what: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    line.expect("/proc tells it").trim().to_owned()
}
