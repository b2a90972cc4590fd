//! C11 and C14: many processes on one spool, many threads in one process.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
};

use super::*;
use telemetry_tests::finish;

const PROCESSES: u64 = 50;
const EVENTS: u64 = 1_000;

/// C11: 50 writers that send as well, and one that is killed among them.
#[test]
fn r01_c11_50_processes_with_1000_events_each_deliver_every_one_once() {
    let sandbox = Sandbox::new();
    let mut victim = spooler(&sandbox, "until-killed", &[PROCESSES, 300]);
    let mut victim = victim.env(NOBODY.0, NOBODY.1).stdin(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(victim.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let children: Vec<_> =
        (0..PROCESSES).map(|run| spooler(&sandbox, "record-deliver", &[run, EVENTS]).spawn().unwrap()).collect();
    victim.kill().unwrap();
    let _ = victim.wait();
    for child in children {
        let output = finish(child);
        assert!(output.status.success(), "{output:?}");
        let ledger = Ledger::of(&serde_json::from_slice(&output.stdout).unwrap());
        assert_eq!(ledger.of_word("offered"), EVENTS);
        let lost = ["queue_full", "disk", "evicted", "expired", "corrupt", "rejected", "unknown"];
        assert!(lost.iter().all(|word| ledger.of_word(word) == 0), "{ledger:?}");
    }
    ledger(&mut spooler(&sandbox, "deliver", &[]));
    let mut runs = delivered(&sandbox);
    let of_victim = runs.remove(&PROCESSES).unwrap_or_default();
    assert_eq!(
        of_victim.last().copied(),
        (of_victim.len() as u64).checked_sub(1),
        "the killed one lost its last moment"
    );
    assert_eq!(runs.len() as u64, PROCESSES);
    for (run, numbers) in &runs {
        assert_eq!(numbers.len() as u64, EVENTS, "run {run}");
    }
    assert!(spooled(&sandbox).is_empty(), "{:?}", spooled(&sandbox));
    // A second of each process may be missing on disk, but not here: every flush writes the ledger down.
    let total = total(&sandbox);
    assert_eq!(total.of_word("sent"), PROCESSES * EVENTS + of_victim.len() as u64, "{total:?}");
    assert_eq!(total.of_word("waiting"), 0, "{total:?}");
}

/// The disk that a spool may take: its quota, what making a batch needs for a moment, and one event.
const DISK: u64 = 4 * 1024 * 1024 + 32 * 1024;

/// What a process has taken of memory for itself, in KiB; 0 when it has ended.
#[cfg(target_os = "linux")]
fn own_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

/// C14: a million events in one burst, and nobody answers. What does not fit is counted, to the last event.
#[test]
#[cfg(target_os = "linux")]
fn r09_c14_a_burst_of_a_million_events_is_counted_and_fits() {
    let sandbox = Sandbox::new();
    // A listener that accepts nobody: connections stand, and nothing is ever said.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port().to_string();
    let (threads, count) = (16, 62_500);
    let mut child = spooler(&sandbox, "burst", &[threads, count]).env("PROBE_PORT", port).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let done = AtomicBool::new(false);
    let pid = child.id();
    let (said, (most, sampled)) = std::thread::scope(|scope| {
        let watched = scope.spawn(|| {
            let (mut most, mut memory) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
                let files = spooled(&sandbox);
                let bytes = files.iter().map(size).sum::<u64>();
                // Where one has gone meanwhile, they were never there together.
                if files.iter().all(|path| path.exists()) {
                    most = most.max(bytes);
                }
                memory = memory.max(own_memory(pid));
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            (most, memory)
        });
        let mut said = String::new();
        out.read_to_string(&mut said).unwrap();
        done.store(true, Ordering::Relaxed);
        (said, watched.join().unwrap())
    });
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<_> = said.lines().collect();
    let [before, after] = [0, 1].map(|line| lines[line].parse::<u64>().unwrap());
    let after = after.max(sampled);
    let ledger = Ledger::of(&serde_json::from_str(lines[2]).unwrap());
    println!("{} KiB before, {after} at most, {most} bytes on disk, {ledger:?}", before);
    assert_eq!(ledger.of_word("offered"), threads * count);
    assert!(ledger.of_word("queue_full") > 0 && ledger.of_word("waiting") > 0, "{ledger:?}");
    assert!(most > 0, "the disk was looked at");
    // The queue, and 6 MiB for the rest.
    assert!(after - before <= 14 * 1024, "{} KiB more than before the burst", after - before);
    assert!(most <= DISK, "{most} bytes on disk");
    // The sum of both ledgers' ends is the number of events: those that were left are delivered, and nothing else is.
    let later = self::ledger(&mut spooler(&sandbox, "deliver", &[]));
    assert_eq!(later.of_word("recovered"), ledger.of_word("waiting"));
    let arrived: usize = delivered(&sandbox).values().map(BTreeSet::len).sum();
    assert_eq!(arrived as u64, later.of_word("sent"), "{later:?}");
    assert_eq!(later.of_word("sent"), ledger.of_word("waiting"), "{later:?}");
}

/// A burst of five times what the spool holds, by one thread and without a pause, while the server takes what it gets: the queue
/// keeps what has no room on disk yet, and nothing is lost.
#[test]
fn r09_a_burst_waits_in_the_queue_while_the_server_takes_events() {
    let sandbox = Sandbox::new();
    let events = 50_000;
    let port = sandbox.server.port().to_string();
    let output = finish(spooler(&sandbox, "burst", &[1, events]).env("PROBE_PORT", port).spawn().unwrap());
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let ledger = Ledger::of(&serde_json::from_str(said.lines().last().unwrap()).unwrap());
    for lost in ["queue_full", "evicted", "disk", "unknown"] {
        assert_eq!(ledger.of_word(lost), 0, "{lost}: {ledger:?}");
    }
    assert_eq!(ledger.of_word("sent") + ledger.of_word("waiting"), events, "{ledger:?}");
    self::ledger(&mut spooler(&sandbox, "deliver", &[]));
    let numbers = delivered(&sandbox).into_values().next().unwrap();
    assert_eq!(numbers.len() as u64, events);
}

/// More than the spool holds: a flush takes what waits in the queue with it.
#[test]
fn r09_what_waits_in_the_queue_is_flushed() {
    let (sandbox, events) = (Sandbox::new(), 20_000);
    let mut command = sandbox.command(sibling("spooler"));
    let output = run(command.args(["steps", "1", &format!("burst:{events}"), "flush"]));
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let ledger = Ledger::of(&serde_json::from_str(said.lines().last().unwrap()).unwrap());
    assert!(said.starts_with("flushed ") && ledger.of_word("sent") == events, "{ledger:?}");
}
