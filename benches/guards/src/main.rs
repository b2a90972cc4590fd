//! What telemetry costs a program, counted and held against `expected.txt`: instructions of `record!`, allocations and system
//! calls from `record!` to the transport, crates, bytes. Never a time.
//!
//! `scripts/guards` builds and runs it. It starts itself again as the program to be measured, with a transport that takes
//! everything, so that no server and no HTTP client is counted.
#![allow(unsafe_code, reason = "a name that callgrind finds")]

#[path = "../../src/counting.rs"]
mod counting;
#[path = "../../src/events.rs"]
mod events;
mod expected;

use std::{
    hint::black_box,
    path::Path,
    process::{Command, ExitCode},
    thread,
    time::Duration,
};

use telemetry_runtime::{
    Options, Sdk, flush, record, sdk, telemetry_event,
    testing::events_in_memory,
    transport::{Cancel, Request, Response, Transport, TransportError},
};

use crate::{
    counting::Counting,
    events::{Accepted, Component, Throttled},
};

/// The measured SDK.
pub static TELEMETRY: Sdk = sdk! {
    name: "guards",
    role: Application,
    exit: Later,
    default: On,
    env: "GUARDS",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    transport: TakesAll,
    docs: "https://guards.example/telemetry",
    operator: "Guards Inc.",
    contact: "privacy@guards.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A server that takes everything, without a server.
#[derive(Default)]
struct TakesAll;

impl Transport for TakesAll {
    fn send(&mut self, request: &Request, _: &Cancel) -> Result<Response, TransportError> {
        black_box(request.body());
        Ok(Response::new(200))
    }
}

/// Numbers that need all their bits, recorded every time.
#[telemetry_event(throttle = None)]
pub struct Wide {
    /// Numbers.
    #[telemetry(unbounded, reason = "it is what is measured")]
    pub numbers: [u64; 16],
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CASE: &str = "TELEMETRY_GUARDS_CASE";
/// How many bursts a run of the case `pipeline` records.
const BURSTS: &str = "TELEMETRY_GUARDS_BURSTS";
const CALLS: u64 = 1_000;
/// A short run and a long one: their difference is what events cost.
const SHORT: u64 = 2;
const LONG: u64 = 12;

fn main() -> ExitCode {
    match std::env::var(CASE) {
        Ok(case) => run(&case),
        Err(_) => return drive(),
    }
    ExitCode::SUCCESS
}

// ---- The program that is measured -------------------------------------------------------------------------------

fn run(case: &str) {
    TELEMETRY.configure(Options::new().loopback());
    if case == "pipeline" {
        let bursts = std::env::var(BURSTS).ok().and_then(|bursts| bursts.parse().ok()).expect("the driver says it");
        return pipeline(bursts);
    }
    // Everything that happens once.
    record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
    if case != "off" {
        record!(Accepted { component: Component::SignIn, appearance: true, overrides: 7 });
        record!(Wide { numbers: [0; 16] });
        flush(Duration::from_secs(60)).expect("everything is taken");
    }
    let before = TELEMETRY.status().ledger;
    telemetry_guards_measured(case);
    let after = TELEMETRY.status().ledger;
    let changed = [after.offered - before.offered, after.throttled - before.throttled, after.queue_full];
    let expected = match case {
        "empty" | "off" => [0, 0, 0],
        "throttled" => [CALLS, CALLS, 0],
        _ => [CALLS, 0, 0],
    };
    assert_eq!(changed, expected, "{case}: it measured what it says");
}

/// The measured loops; callgrind counts between entering and leaving this function.
#[unsafe(no_mangle)]
#[inline(never)]
fn telemetry_guards_measured(case: &str) {
    match case {
        "empty" => (0..CALLS).for_each(|number| _ = black_box(number as u16)),
        "accepted" => (0..CALLS).for_each(|number| {
            record!(Accepted { component: Component::SignUp, appearance: true, overrides: black_box(number as u16) });
        }),
        "accepted, 16 numbers" => (0..CALLS).for_each(|number| record!(Wide { numbers: [black_box(!number); 16] })),
        _ => (0..CALLS).for_each(|number| {
            black_box(number as u16);
            record!(Throttled { component: Component::SignIn, appearance: true, overrides: black_box(7) });
        }),
    }
}

/// Bursts of events that go all the way; prints how much was allocated.
fn pipeline(bursts: u64) {
    for _ in 0..bursts {
        for number in 0..CALLS {
            record!(Accepted { component: Component::SignUp, appearance: true, overrides: black_box(number as u16) });
        }
        while events_in_memory(&TELEMETRY) > 0 {
            thread::sleep(Duration::from_millis(10));
        }
        flush(Duration::from_secs(60)).expect("everything is taken");
    }
    let ledger = TELEMETRY.status().ledger;
    assert_eq!((ledger.sent, ledger.queue_full), (bursts * CALLS, 0), "{ledger:?}");
    println!("{}", counting::allocations());
}

// ---- The one that measures --------------------------------------------------------------------------------------

fn drive() -> ExitCode {
    for tool in ["valgrind", "strace", "strip"] {
        if Command::new(tool).arg("--version").output().is_err() {
            eprintln!("NOT RUN: {tool} is missing");
            return ExitCode::from(2);
        }
    }
    let program = std::env::current_exe().expect("a program knows its own path");
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let empty = instructions(&program, folder.path(), "empty");
    let mut found = Vec::new();
    for case in ["off", "throttled", "accepted", "accepted, 16 numbers"] {
        let count = instructions(&program, folder.path(), case) - empty;
        found.push((format!("instructions, {case}"), count / CALLS as f64));
    }
    let of_events = |of_run: &dyn Fn(u64) -> f64| (of_run(LONG) - of_run(SHORT)) / ((LONG - SHORT) * CALLS) as f64;
    found.push(("allocations per event".into(), of_events(&|bursts| allocations(&program, folder.path(), bursts))));
    found.push(("system calls per event".into(), of_events(&|bursts| system_calls(&program, folder.path(), bursts))));
    found.push(("KiB of the program, no HTTP client".into(), kib(&program, folder.path())));
    for (name, features) in [("default", &[][..]), ("ureq", &["--no-default-features", "--features", "transport-ureq"])]
    {
        found.push((format!("crates, {name}"), crates(features)));
    }
    expected::compare(&found)
}

/// The command that runs a case in a folder of its own, under a tool.
fn command(tool: &[&str], program: &Path, folder: &Path, case: &str) -> Command {
    let state = tempfile::tempdir_in(folder).expect("the temporary folder can be written").keep();
    let mut words: Vec<_> = tool.iter().map(Path::new).collect();
    words.push(program);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().env("HOME", &state).env("XDG_STATE_HOME", &state).env(CASE, case);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if case == "off" {
        command.env("GUARDS_TELEMETRY_DISABLED", "1");
    }
    command
}

fn said(mut command: Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("programs print UTF-8")
}

/// Those of the calling thread inside the measured function.
fn instructions(program: &Path, folder: &Path, case: &str) -> f64 {
    let out = folder.join("callgrind");
    let file = format!("--callgrind-out-file={}", out.display());
    let collect = ["--collect-atstart=no", "--toggle-collect=telemetry_guards_measured"];
    said(command(&["valgrind", "--tool=callgrind", collect[0], collect[1], &file], program, folder, case));
    let profile = std::fs::read_to_string(out).expect("callgrind writes it");
    let total = profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    total.expect("callgrind counts")
}

fn allocations(program: &Path, folder: &Path, bursts: u64) -> f64 {
    let mut command = command(&[], program, folder, "pipeline");
    command.env(BURSTS, bursts.to_string());
    said(command).trim().parse().expect("a number")
}

/// But for those that wait: how often a thread sleeps and wakes depends on who runs when.
fn system_calls(program: &Path, folder: &Path, bursts: u64) -> f64 {
    let out = folder.join("strace");
    let file = out.display().to_string();
    let waits = "trace=!futex,nanosleep,clock_nanosleep,sched_yield,restart_syscall";
    let mut command = command(&["strace", "-f", "-c", "-e", waits, "-o", &file], program, folder, "pipeline");
    command.env(BURSTS, bursts.to_string());
    said(command);
    let table = std::fs::read_to_string(out).expect("strace writes it");
    // `100.00    0.123456           4     31234       123 total`
    let total = table.lines().find(|line| line.ends_with(" total")).expect("strace counts");
    total.split_whitespace().nth(3).and_then(|count| count.parse().ok()).expect("a number")
}

fn kib(program: &Path, folder: &Path) -> f64 {
    let stripped = folder.join("stripped");
    let mut strip = Command::new("strip");
    strip.arg("-o").arg(&stripped).arg(program);
    said(strip);
    std::fs::metadata(stripped).expect("it is there").len() as f64 / 1024.0
}

/// Those that a build of the runtime compiles, itself included.
fn crates(features: &[&str]) -> f64 {
    let mut tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tree.args(["tree", "--locked", "--offline", "--package", "telemetry-runtime", "--edges", "normal,build"]);
    tree.args(["--prefix", "none", "--no-dedupe", "--format", "{p}"]).args(features);
    let said = said(tree);
    let names = said.lines().map(|line| line.split(" (").next().unwrap_or(line));
    names.collect::<std::collections::BTreeSet<_>>().len() as f64
}
