//! What one call of `record!` costs: opted out, throttled, accepted; instructions by callgrind, nanoseconds by the clock.
//! And in a burst: a million calls of 16 threads, most of which find the queue full.
//!
//! `cargo bench -p telemetry-benches --bench record`. Instructions are those of the calling thread over an empty loop, and
//! the same on every run; nanoseconds are the median of many rounds and depend on the machine. Every case checks by the
//! ledger that it measured what it says. Without valgrind the instruction column is empty.
//!
//! In the burst each call is timed alone, and the two readings of the clock are part of its time. A thread that the system
//! stops in the middle of a call waits there for its turn: that is the largest time, and says nothing of `record!`.

use std::{
    hint::black_box,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use telemetry_benches::{Accepted, CASE, Component, PORT, TELEMETRY, Throttled, use_loopback};
use telemetry_runtime::{flush, record, testing::LoopbackServer};

/// Calls per round; below the queue's 2,048, so that the accepted case fits it without the worker.
const CALLS: u64 = 1_000;
/// Rounds by the clock. Callgrind needs one: it counts the same every time.
const ROUNDS: usize = 51;
const ROUNDS_VARIABLE: &str = "TELEMETRY_BENCH_ROUNDS";
const CASES: [&str; 4] = ["empty", "off", "throttled", "accepted"];
/// The case that is timed call by call.
const BURST: &str = "burst";
const BURST_THREADS: usize = 16;
const BURST_CALLS: usize = 62_500;

fn main() {
    match std::env::var(CASE) {
        Ok(case) if case == BURST => burst(),
        Ok(case) => run(&case),
        Err(_) => drive(),
    }
}

fn drive() {
    let server = LoopbackServer::start().expect("a loopback port is free");
    let program = std::env::current_exe().expect("the benchmark knows its own path");
    let said = |case: &str| {
        let output = child(Command::new(&program), case, &server).output().expect("the benchmark starts itself");
        assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let nanoseconds: Vec<f64> =
        CASES.iter().map(|case| said(case).parse().expect("a case prints nanoseconds")).collect();
    let instructions: Vec<Option<u64>> = CASES.iter().map(|case| instructions(&program, case, &server)).collect();
    println!("{:<12}{:>22}{:>18}", "record!", "instructions/call", "ns/call");
    for (number, case) in CASES.iter().enumerate().skip(1) {
        let over_empty = |value: Option<u64>| Some((value? - instructions[0]?) as f64 / CALLS as f64);
        let count = over_empty(instructions[number]).map_or("(no valgrind)".to_owned(), |count| format!("{count:.1}"));
        println!("{case:<12}{count:>22}{:>18.2}", nanoseconds[number] - nanoseconds[0]);
    }
    println!("\n{} calls of {BURST_THREADS} threads\n{}", BURST_THREADS * BURST_CALLS, said(BURST));
}

fn child(mut command: Command, case: &str, server: &LoopbackServer) -> Command {
    for variable in ["DO_NOT_TRACK", "BENCH_TELEMETRY_DISABLED", "BENCH_TELEMETRY_DEBUG"] {
        command.env_remove(variable);
    }
    let state = std::env::temp_dir().join(format!("telemetry-bench-{}-{case}", std::process::id()));
    std::fs::create_dir_all(&state).expect("the temporary folder can be written");
    command.env("XDG_STATE_HOME", state).env(CASE, case).env(PORT, server.port().to_string()).stderr(Stdio::piped());
    if case == "off" {
        command.env("BENCH_TELEMETRY_DISABLED", "1");
    }
    command
}

/// Instructions inside `measured`, on the calling thread; `None` without valgrind.
fn instructions(program: &Path, case: &str, server: &LoopbackServer) -> Option<u64> {
    let out = std::env::temp_dir().join(format!("telemetry-bench-{}-{case}.callgrind", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=telemetry_bench_measured"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    let output = child(valgrind, case, server).env(ROUNDS_VARIABLE, "1").output().ok()?;
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let profile = std::fs::read_to_string(&out).ok()?;
    let _ = std::fs::remove_file(out);
    profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
}

/// The program that is measured.
fn run(case: &str) {
    use_loopback();
    let rounds = std::env::var(ROUNDS_VARIABLE).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    if matches!(case, "throttled" | "accepted") {
        // Everything that happens once: the gate, the state folder, the worker, the table of events.
        record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
        record!(Accepted { component: Component::SignIn, appearance: true, overrides: 7 });
        flush(Duration::from_secs(30)).expect("the server is up");
    } else if case == "off" {
        record!(Throttled { component: Component::SignIn, appearance: true, overrides: 7 });
    }
    let before = TELEMETRY.status().ledger;
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            telemetry_bench_measured(case);
            let nanoseconds = start.elapsed().as_nanos() as f64 / CALLS as f64;
            if case == "accepted" {
                // The worker empties the queue within 50 ms, so that the next round is accepted as a whole.
                std::thread::sleep(Duration::from_millis(60));
            }
            nanoseconds
        })
        .collect();
    let after = TELEMETRY.status().ledger;
    let calls = CALLS * rounds as u64;
    match case {
        "throttled" => assert_eq!(after.throttled - before.throttled, calls),
        "accepted" => assert_eq!((after.accepted - before.accepted, after.queue_full), (calls, 0)),
        _ => assert_eq!(after.offered, before.offered),
    }
    times.sort_by(f64::total_cmp);
    println!("{}", times[rounds / 2]);
}

/// A million calls of 16 threads at once: far more than the worker can take away.
fn burst() {
    use_loopback();
    let call = |number: usize| {
        record!(Accepted { component: Component::SignUp, appearance: true, overrides: black_box(number as u16) });
    };
    call(0);
    flush(Duration::from_secs(30)).expect("the server is up");
    let before = TELEMETRY.status().ledger;
    let timed = || -> Vec<u128> {
        (0..BURST_CALLS)
            .map(|number| {
                let start = Instant::now();
                call(number);
                start.elapsed().as_nanos()
            })
            .collect()
    };
    let mut times: Vec<u128> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..BURST_THREADS).map(|_| scope.spawn(timed)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a call never panics")).collect()
    });
    let after = TELEMETRY.status().ledger;
    let (calls, refused) = ((BURST_THREADS * BURST_CALLS) as u64, after.queue_full - before.queue_full);
    assert_eq!(after.offered - before.offered, calls);
    assert!(refused * 2 > calls, "{refused} of {calls} calls found the queue full: that was no burst");
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("queue full for {:.1} % of them", refused as f64 * 100.0 / calls as f64);
    println!("ns/call: median {}, 99th percentile {}, largest {}", at(0.5), at(0.99), at(1.0));
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
        _ => {
            for number in 0..CALLS {
                black_box(number as u16);
                record!(Throttled { component: Component::SignIn, appearance: true, overrides: black_box(7) });
            }
        }
    }
}
