//! What one event costs from `record!` to the server's answer: computing time of all threads, kernel included, instructions,
//! allocations and system calls, over all that lies between: the queue, the spool on disk, `sent.log`, the ledger.
//!
//! `cargo bench -p telemetry-benches --bench end_to_end`. The program records bursts that the queue takes and flushes after
//! every few of them; the server is another process. What happens once, up to the first delivered event, is a column of its
//! own. Every run checks that all that was recorded was sent and has arrived.
//!
//! The floor does by hand what cannot be left out: the same events as JSON, written to a file and sent in requests of a
//! hundred. Times are medians of five runs; the rest is counted, and repeats within a hundredth: it is the difference of a long
//! run and one that only begins.
#![allow(unsafe_code, reason = "`getrusage`")]

use std::{
    fs::OpenOptions,
    hint::black_box,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use telemetry_benches::{
    Accepted, AcceptedStrict, CASE, Component, PORT, STRICT, TELEMETRY,
    counting::{Counting, allocations},
    server::{counted, serve},
    use_loopback,
};
use telemetry_runtime::{flush, record, testing::events_in_memory};

/// Events of one burst: fewer than the queue holds.
const BURST: u64 = 1_000;
/// Bursts between two flushes: together they are less than the spool holds.
const BURSTS: u64 = 5;
/// Flushes of a long run.
const FLUSHES: u64 = 4;
const RUNS: usize = 5;
const CASES: [&str; 3] = ["extended", "strict", "by hand"];
/// The variable that tells a started program how often to flush.
const FLUSHES_VARIABLE: &str = "TELEMETRY_BENCH_FLUSHES";
/// How often it looks whether a burst has left the queue.
const LOOK: Duration = Duration::from_millis(10);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    match std::env::var(CASE).as_deref() {
        Ok("server") => serve(),
        Ok(case) => run(case),
        Err(_) => drive(),
    }
}

fn drive() {
    let program = std::env::current_exe().expect("the benchmark knows its own path");
    println!(
        "{:<12}{:>12}{:>14}{:>14}{:>14}{:>14}{:>14}",
        "per event", "µs CPU", "instructions", "allocations", "system calls", "bytes sent", "begins, ms"
    );
    for case in CASES {
        let mut runs: Vec<_> = (0..RUNS).map(|_| once(&program, case, &[], FLUSHES)).collect();
        runs.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
        let median = &runs[RUNS / 2];
        let instructions = per_event(&program, case, instructions);
        let calls = per_event(&program, case, system_calls);
        println!(
            "{case:<12}{:>12.2}{instructions:>14}{:>14.2}{calls:>14}{:>14.0}{:>14.1}",
            median.cpu, median.allocations, median.bytes, median.begins
        );
    }
}

/// What a run says of itself: per event, and what its beginning has cost in milliseconds.
struct Costs {
    cpu: f64,
    allocations: f64,
    begins: f64,
    /// Of the bodies of requests.
    bytes: f64,
}

/// The difference of a long run and one that only begins; empty where the tool is missing.
fn per_event(program: &Path, case: &str, count: fn(&Path, &str, u64) -> Option<u64>) -> String {
    let counts = count(program, case, FLUSHES).zip(count(program, case, 0));
    let per_event = |(long, short): (u64, u64)| (long - short) as f64 / (FLUSHES * BURSTS * BURST) as f64;
    counts.map_or("(no tool)".to_owned(), |counts| match per_event(counts) {
        small if small < 10.0 => format!("{small:.3}"),
        large => format!("{large:.0}"),
    })
}

fn instructions(program: &Path, case: &str, flushes: u64) -> Option<u64> {
    let out = tempfile::NamedTempFile::new().ok()?;
    let valgrind = ["valgrind", "--tool=callgrind", &format!("--callgrind-out-file={}", out.path().display())];
    Command::new(valgrind[0]).arg("--version").output().ok()?;
    once(program, case, &valgrind, flushes);
    let profile = std::fs::read_to_string(out.path()).ok()?;
    profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
}

fn system_calls(program: &Path, case: &str, flushes: u64) -> Option<u64> {
    let out = tempfile::NamedTempFile::new().ok()?;
    let strace = ["strace", "-f", "-c", "-o", out.path().to_str()?];
    Command::new(strace[0]).arg("--version").output().ok()?;
    once(program, case, &strace, flushes);
    let table = std::fs::read_to_string(out.path()).ok()?;
    // `100.00    0.123456           4     31234       123 total`
    let total = table.lines().find(|line| line.ends_with(" total"))?;
    total.split_whitespace().nth(3)?.parse().ok()
}

/// Runs a case against a server of its own, under a tool if one is named.
fn once(program: &Path, case: &str, tool: &[&str], flushes: u64) -> Costs {
    let server = Server::start(program);
    let state = tempfile::tempdir().expect("the temporary folder can be written");
    let mut command = Command::new(tool.first().map_or(program, Path::new));
    if let [_, arguments @ ..] = tool {
        command.args(arguments).arg(program);
    }
    for variable in ["DO_NOT_TRACK", "BENCH_TELEMETRY_DISABLED", "BENCH_TELEMETRY_DEBUG"] {
        command.env_remove(variable);
    }
    command.env("XDG_STATE_HOME", state.path()).env(CASE, case).env(PORT, server.port.to_string());
    command.env(FLUSHES_VARIABLE, flushes.to_string());
    let output = command.stderr(Stdio::piped()).output().expect("the benchmark starts itself");
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let arrived = counted(server.port).expect("the server counts");
    assert_eq!(arrived.events, 1 + flushes * BURSTS * BURST, "{case}: what has arrived");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut numbers = said.split_whitespace().map(|number| number.parse().expect("a number"));
    let mut next = || numbers.next().expect("three numbers");
    let bytes = arrived.bytes as f64 / arrived.events as f64;
    Costs { cpu: next(), allocations: next(), begins: next(), bytes }
}

/// A server in a process of its own, as long as this lives.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(program: &Path) -> Self {
        let mut server = Command::new(program);
        server.env(CASE, "server").stdout(Stdio::piped());
        let mut process = server.spawn().expect("the benchmark starts itself");
        let mut port = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
        out.read_line(&mut port).expect("the server says its port");
        Self { process, port: port.trim().parse().expect("a port") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program that is measured.
fn run(case: &str) {
    let number =
        |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok()).expect("the benchmark says it");
    let flushes = number(FLUSHES_VARIABLE);
    let mut by_hand = (case == "by hand").then(|| ByHand::begin(number(PORT) as u16));
    if by_hand.is_none() {
        use_loopback();
    }
    let record = |number: u64| match case {
        "strict" => {
            record!(AcceptedStrict { component: Component::SignUp, appearance: true, overrides: number as u16 })
        }
        _ => record!(Accepted { component: Component::SignUp, appearance: true, overrides: number as u16 }),
    };
    let mut burst = |events: std::ops::Range<u64>| match &mut by_hand {
        Some(by_hand) => by_hand.burst(events),
        None => events.for_each(|number| record(black_box(number))),
    };
    let deliver = || {
        if case != "by hand" {
            flush(Duration::from_secs(600)).expect("the server is up");
        }
    };
    let sdk = if case == "strict" { STRICT } else { TELEMETRY };
    burst(0..1);
    deliver();
    let (began, allocated) = (cpu(), allocations());
    for round in 0..flushes {
        for one in 0..BURSTS {
            let first = 1 + (round * BURSTS + one) * BURST;
            burst(first..first + BURST);
            while events_in_memory(&sdk) > 0 {
                thread::sleep(LOOK);
            }
        }
        deliver();
    }
    let events = flushes * BURSTS * BURST;
    let per_event = |total: f64| if events == 0 { 0.0 } else { total / events as f64 };
    let (cpu, allocated) = (cpu() - began, allocations() - allocated);
    if case != "by hand" {
        let ledger = sdk.status().ledger;
        assert_eq!((ledger.accepted, ledger.sent), (1 + events, 1 + events), "what was recorded was sent: {ledger:?}");
    }
    println!("{} {} {}", per_event(cpu * 1e6), per_event(allocated as f64), began * 1e3);
}

/// Seconds of computing of all threads of this process so far, the kernel's work for it included.
fn cpu() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills it, and all zeros are a valid one.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    [usage.ru_utime, usage.ru_stime].iter().map(|time| time.tv_sec as f64 + time.tv_usec as f64 / 1e6).sum()
}

/// The floor: the same bytes, without anything that makes sure of them.
struct ByHand {
    file: std::fs::File,
    connection: TcpStream,
    port: u16,
}

impl ByHand {
    fn begin(port: u16) -> Self {
        let folder = std::env::var_os("XDG_STATE_HOME").expect("the benchmark says it");
        let path = Path::new(&folder).join("by-hand");
        let file = OpenOptions::new().create(true).append(true).open(path).expect("the folder can be written");
        Self { file, connection: TcpStream::connect(("127.0.0.1", port)).expect("the server is up"), port }
    }

    fn burst(&mut self, events: std::ops::Range<u64>) {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for number in events {
            write!(
                bytes,
                "{{\"event\":\"Accepted\",\"cv\":\"0.1.0\",\"sdk\":\"bench\",\"sdkv\":\"0.1.0\",\
                 \"payload\":{{\"component\":\"sign_up\",\"appearance\":true,\"overrides\":{number}}},\
                 \"id\":\"0198c0de-0000-7000-8000-{number:012x}\",\"ts\":\"2026-11-22T03:00:00Z\",\
                 \"actor\":\"unknown\",\"ephemeral\":false}}"
            )
            .expect("memory takes it");
            ends.push(bytes.len());
        }
        self.file.write_all(&bytes).expect("the disk takes it");
        let mut from = 0;
        for batch in ends.chunks(100) {
            let mut body = b"{\"events\":[".to_vec();
            for (place, end) in batch.iter().enumerate() {
                if place > 0 {
                    body.push(b',');
                }
                body.extend(&bytes[from..*end]);
                from = *end;
            }
            body.extend(b"]}");
            self.post(&body);
        }
    }

    fn post(&mut self, body: &[u8]) {
        let head = format!(
            "POST /v1/event HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nuser-agent: by-hand/0.1.0\r\n\
             content-type: application/json\r\nidempotency-key: 0198c0de-0000-7000-8000-000000000000\r\n\
             content-length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        self.connection.write_all(head.as_bytes()).and_then(|()| self.connection.write_all(body)).expect("it is sent");
        let mut answer = [0; 256];
        let read = self.connection.read(&mut answer).expect("the server answers");
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
    }
}
