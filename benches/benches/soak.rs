//! A program that records a thousand events a second, for as long as it is told: whether its memory and its descriptors stay as they
//! are, and whether each event is delivered once.
//!
//! `scripts/soak` runs it for five minutes, `cargo bench -p telemetry-benches --bench soak` for ten seconds; `-- SECONDS` for others. It
//! needs `/proc`. The server is another process. Ends with an error where a bound does not hold.

use std::{
    fs,
    hint::black_box,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use telemetry_benches::{
    Accepted, CASE, Component, PORT, TELEMETRY,
    server::{counted, serve},
    use_loopback,
};
use telemetry_runtime::{flush, record};

/// Events of a second, and how often some of them are recorded.
const RATE: u64 = 1_000;
const TICK: Duration = Duration::from_millis(10);
/// Ticks of a second.
const TICKS: u64 = 100;
/// Descriptors beyond those that the program had before its first event: those of the SDK (docs/promises.md) and of its client.
const DESCRIPTORS: usize = 24 + 8;
/// KiB by which the memory of the second half may exceed that of the first. The allocator keeps what one upload needs.
const GROWTH_KIB: u64 = 1_024;
/// The variable that tells the program how long.
const SECONDS: &str = "TELEMETRY_BENCH_SECONDS";

fn main() {
    match std::env::var(CASE).as_deref() {
        Ok("server") => serve(),
        Ok(_) => run(),
        Err(_) => drive(),
    }
}

/// A process that ends with this.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn drive() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(10);
    let program = std::env::current_exe().expect("the benchmark knows its own path");
    let mut server = Owned(
        Command::new(&program).env(CASE, "server").stdout(Stdio::piped()).spawn().expect("the benchmark starts itself"),
    );
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().expect("it is piped"))
        .read_line(&mut port)
        .expect("the server says its port");
    let state = tempfile::tempdir().expect("the temporary folder can be written");
    let mut command = Command::new(&program);
    for variable in ["DO_NOT_TRACK", "BENCH_TELEMETRY_DISABLED", "BENCH_TELEMETRY_DEBUG"] {
        command.env_remove(variable);
    }
    command.env("XDG_STATE_HOME", state.path()).env(CASE, "run").env(PORT, port.trim());
    let status = command.env(SECONDS, seconds.to_string()).status().expect("the benchmark starts itself");
    let arrived = counted(port.trim().parse().expect("a port")).expect("the server counts").events;
    println!("arrived: {arrived} of {}", seconds * RATE);
    assert!(status.success(), "the program: {status}");
    assert_eq!(arrived, seconds * RATE, "one event, one delivery");
}

fn run() {
    let seconds: u64 = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).expect("the benchmark says it");
    use_loopback();
    let descriptors_before = descriptors();
    let (mut memory, mut most_descriptors) = ([0; 2], 0);
    let begun = Instant::now();
    for tick in 0..seconds * TICKS {
        for number in 0..RATE / TICKS {
            let overrides = (tick * (RATE / TICKS) + number) as u16;
            record!(Accepted { component: Component::SignUp, appearance: true, overrides: black_box(overrides) });
        }
        if tick % TICKS == TICKS - 1 {
            // The first fifth is when the pools fill.
            let second = tick / TICKS;
            if second >= seconds / 5 {
                let half = &mut memory[usize::from(second > seconds * 3 / 5)];
                *half = (*half).max(resident_kib());
            }
            most_descriptors = most_descriptors.max(descriptors().saturating_sub(descriptors_before));
        }
        thread::sleep((begun + TICK * (tick as u32 + 1)).saturating_duration_since(Instant::now()));
    }
    flush(Duration::from_secs(60)).expect("the server is up");
    let ledger = TELEMETRY.status().ledger;
    println!(
        "{} events in {:.0} s; memory at most {} KiB before and {} KiB behind the middle; descriptors at most {most_descriptors}",
        ledger.accepted,
        begun.elapsed().as_secs_f64(),
        memory[0],
        memory[1]
    );
    assert_eq!((ledger.accepted, ledger.sent), (seconds * RATE, seconds * RATE), "{ledger:?}");
    assert!(memory[1] <= memory[0] + GROWTH_KIB, "memory grows: {memory:?} KiB");
    assert!(most_descriptors <= DESCRIPTORS, "descriptors: {most_descriptors}");
}

/// What of this process is in memory.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Open files of this process.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
