//! Programs in narrow places: no thread can start, the queue is full, and nothing at all.

use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

use telemetry_runtime::{FlushError, Options, flush, record, registry, shutdown, testing};

use crate::{CommandRun, Filled, Happened, TELEMETRY, endings::print_ledger, record_all};

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    match action {
        // So many threads record so many large events each, at once; delivered; then the ledger.
        "burst-of-large" => {
            burst(number(1), number(2), || {}, |number| record!(Filled { number, filler: [0; 100] }));
            let _ = flush(Duration::from_secs(60));
            print_ledger();
        }
        // One of everything, delivered if possible; then the most memory in KiB that this process ever had, and the status.
        "peak" => {
            record_all();
            let _ = flush(Duration::from_secs(60));
            println!("{}", kib("VmHWM:"));
            println!("{}", TELEMETRY.status().to_json());
        }
        // One of everything, and, when that is on disk, a flush or a shutdown of so many milliseconds.
        "flush-briefly" => {
            record_all();
            settle();
            println!("{:?}", flush(Duration::from_millis(number(1).into())));
        }
        "shutdown-briefly" => {
            record_all();
            settle();
            println!("{:?}", shutdown(Duration::from_millis(number(1).into())));
        }
        // The same with small ones, where no thread of ours can start; then a command.
        "burst-without-thread" => {
            burst(number(1), number(2), forbid_threads, |number| record!(Happened { number }));
            record!(CommandRun { number: number(3) });
            assert_eq!(flush(Duration::from_secs(600)), Err(FlushError::Timeout), "nobody is there to wait for");
            print_ledger();
        }
        // Everything but an event, then one; the number of threads after each.
        "threads" => {
            let mut lines = vec![format!("at the start: {}", threads())];
            TELEMETRY.configure(Options::new().sampling_rate(1.0));
            let events = registry().map_or(0, |registry| registry.events().len());
            lines.push(format!("{events} events listed: {}", threads()));
            println!("{}", lines.join("\n"));
            println!("files before: {}", state_files());
            record_all();
            println!("after an event: {}", threads());
            let _ = flush(Duration::from_secs(20));
        }
        // What the runtime did while an opted-out program recorded.
        "inert" => {
            testing::assert_inert(record_all);
            println!("inert");
        }
        // The child processes and the working directory after a delivery.
        "effects" => {
            let before = std::env::current_dir().ok();
            record_all();
            println!("{:?}", flush(Duration::from_secs(20)));
            println!("same directory: {}", std::env::current_dir().ok() == before);
            println!("children: {:?}", children());
            crate::endings::wait_for_the_test();
        }
        _ => return false,
    }
    true
}

/// Until everything is on disk or counted; a busy machine may not let the worker run for a while.
fn settle() {
    while testing::events_in_memory(&TELEMETRY) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `threads` threads with `count` events each, which begin together after `before`. They have all started by then, with
/// the memory that starting takes and gives back. None of them ends: what it leaves would be memory for another one.
fn burst(threads: u32, count: u32, before: impl FnOnce(), call: fn(u32)) {
    let ready = Arc::new(Barrier::new(threads as usize + 1));
    let start = Arc::new(Barrier::new(threads as usize + 1));
    let done = Arc::new(Barrier::new(threads as usize + 1));
    for thread in 0..threads {
        let (ready, start, done) = (ready.clone(), start.clone(), done.clone());
        std::thread::spawn(move || {
            ready.wait();
            start.wait();
            for number in 0..count {
                call(thread * count + number);
            }
            done.wait();
            loop {
                std::thread::park();
            }
        });
    }
    ready.wait();
    before();
    start.wait();
    done.wait();
}

/// Lets the address space grow by less than a thread's stack.
#[cfg(target_os = "linux")]
fn forbid_threads() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let limit = address_space() + 1024 * 1024;
    setrlimit(Resource::As, Rlimit { current: Some(limit), maximum: Some(limit) }).expect("a limit may be lowered");
    assert!(std::thread::Builder::new().spawn(|| {}).is_err(), "threads still start");
}

/// Bytes of our address space.
#[cfg(target_os = "linux")]
pub(crate) fn address_space() -> u64 {
    kib("VmSize:") * 1024
}

/// What `/proc` says of our memory; 0 on systems that do not tell.
fn kib(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|line| line.strip_prefix(what)?.trim().strip_suffix(" kB")?.parse().ok());
    assert!(found.is_some() || !cfg!(target_os = "linux"), "/proc says how large we are");
    found.unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn forbid_threads() {
    panic!("this test knows how to forbid threads on Linux only");
}

/// The threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// The process ids of the children of all threads.
fn children() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).expect("/proc lists children"));
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn state_files() -> usize {
    let state = std::env::var_os("XDG_STATE_HOME").unwrap_or_default();
    std::fs::read_dir(state).map_or(0, Iterator::count)
}
