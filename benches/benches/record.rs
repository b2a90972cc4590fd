//! What one call of `record!` costs: opted out, throttled, accepted, with up to 64 fields; instructions by callgrind, nanoseconds
//! by the clock; in a program, and in a plugin that a host has loaded, where thread locals are reached by a call. Then how much
//! more threads record that do so at once. And in a burst: a million calls of 16 threads, most of which find the queue full.
//!
//! `cargo bench -p telemetry-benches --bench record`. Instructions are those of the calling thread over an empty loop, and
//! the same on every run; nanoseconds are the median of many rounds and depend on the machine. Every case checks by the
//! ledger that it measured what it says. Without valgrind the instruction column is empty.
//!
//! In the burst each call is timed alone, and the two readings of the clock are part of its time. A thread that the system
//! stops in the middle of a call waits there for its turn: that is the largest time, and says nothing of `record!`.

use std::{
    collections::BTreeMap,
    hint::black_box,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use telemetry_benches::{
    Accepted, CASE, Component, PORT, TELEMETRY,
    record::{CALLS, CASES},
    use_loopback,
};
use telemetry_runtime::{flush, record, testing::LoopbackServer};

/// Rounds by the clock. Callgrind needs one: it counts the same every time.
const ROUNDS: usize = 51;
const ROUNDS_VARIABLE: &str = "TELEMETRY_BENCH_ROUNDS";
/// The variable that names the plugin, where that is to be measured.
const PLUGIN: &str = "TELEMETRY_BENCH_PLUGIN";
/// The case that is timed call by call.
const BURST: &str = "burst";
const BURST_THREADS: usize = 16;
const BURST_CALLS: usize = 62_500;
/// The cases in which so many threads record at once: `threads 2`.
const THREADS: &str = "threads ";
/// All rounds of four threads fit the queue, whatever the worker does.
const THREADS_CALLS: usize = 8_000;
const THREADS_ROUNDS: usize = 10;

fn main() {
    match std::env::var(CASE) {
        Ok(case) if case == BURST => burst(),
        Ok(case) if case.starts_with(THREADS) => threads(case.trim_start_matches(THREADS).parse().expect("a number")),
        Ok(case) => run(&case),
        Err(_) => drive(),
    }
}

fn drive() {
    let server = LoopbackServer::start().expect("a loopback port is free");
    let program = std::env::current_exe().expect("the benchmark knows its own path");
    let name = format!("{}bench_plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let plugin = program.with_file_name(name);
    for (place, plugin) in [("a program", None), ("a plugin (cdylib)", Some(plugin.as_path()))] {
        println!("{:<24}{:>18}{:>12}", format!("record! in {place}"), "instructions/call", "ns/call");
        let said = |case: &str| -> f64 { said(&program, case, plugin, &server).parse().expect("nanoseconds") };
        let costs: BTreeMap<_, _> =
            CASES.iter().map(|(case, _)| (case, (said(case), instructions(&program, case, plugin, &server)))).collect();
        for (case, empty) in CASES.iter().filter(|(case, empty)| case != empty) {
            let ((time, count), (empty_time, empty_count)) = (costs[case], costs[empty]);
            let over_empty = count.zip(empty_count).map(|(count, empty)| (count - empty) as f64 / CALLS as f64);
            let count = over_empty.map_or("(no valgrind)".to_owned(), |count| format!("{count:.1}"));
            println!("{case:<24}{count:>18}{:>12.2}", time - empty_time);
        }
        println!();
    }
    println!("{:<24}{:>18}{:>12}", "threads at once", "accepted/µs", "over one");
    let rate = |threads: usize| -> f64 {
        said(&program, &format!("{THREADS}{threads}"), None, &server).parse().expect("a number")
    };
    let one = rate(1);
    for (threads, accepted) in [(1, one), (2, rate(2)), (4, rate(4))] {
        println!("{threads:<24}{accepted:>18.1}{:>12.2}", accepted / one);
    }
    println!();
    println!(
        "{} calls of {BURST_THREADS} threads\n{}",
        BURST_THREADS * BURST_CALLS,
        said(&program, BURST, None, &server)
    );
}

/// What the program says when it runs a case.
fn said(program: &Path, case: &str, plugin: Option<&Path>, server: &LoopbackServer) -> String {
    let output = child(Command::new(program), case, plugin, server).output().expect("the benchmark starts itself");
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn child(mut command: Command, case: &str, plugin: Option<&Path>, server: &LoopbackServer) -> Command {
    for variable in ["DO_NOT_TRACK", "BENCH_TELEMETRY_DISABLED", "BENCH_TELEMETRY_DEBUG"] {
        command.env_remove(variable);
    }
    let state =
        std::env::temp_dir().join(format!("telemetry-bench-{}-{case}-{}", std::process::id(), plugin.is_some()));
    std::fs::create_dir_all(&state).expect("the temporary folder can be written");
    if let Some(plugin) = plugin {
        command.env(PLUGIN, plugin);
    }
    command.env("XDG_STATE_HOME", state).env(CASE, case).env(PORT, server.port().to_string()).stderr(Stdio::piped());
    if case.starts_with("off") {
        command.env("BENCH_TELEMETRY_DISABLED", "1");
    }
    command
}

/// Instructions inside `measured`, on the calling thread; `None` without valgrind.
fn instructions(program: &Path, case: &str, plugin: Option<&Path>, server: &LoopbackServer) -> Option<u64> {
    let out = std::env::temp_dir().join(format!("telemetry-bench-{}-{case}.callgrind", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=telemetry_bench_measured"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    let output = child(valgrind, case, plugin, server).env(ROUNDS_VARIABLE, "1").output().ok()?;
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let profile = std::fs::read_to_string(&out).ok()?;
    let _ = std::fs::remove_file(out);
    profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
}

/// The program that is measured, or the host of the plugin that is.
fn run(case: &str) {
    let rounds = std::env::var(ROUNDS_VARIABLE).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let median = match std::env::var_os(PLUGIN) {
        Some(plugin) => run_in_plugin(Path::new(&plugin), case, rounds),
        None => telemetry_benches::record::run(case, rounds),
    };
    println!("{median}");
}

#[allow(unsafe_code, reason = "a plugin is loaded and called")]
fn run_in_plugin(plugin: &Path, case: &str, rounds: usize) -> f64 {
    let number = CASES.iter().position(|(known, _)| *known == case).expect("a case of ours");
    // SAFETY: it is the library that cargo has built with this program, and that is the type of its function.
    unsafe {
        let library = libloading::Library::new(plugin).expect("cargo builds the plugin");
        let run = library.get::<unsafe extern "C" fn(usize, usize) -> f64>(b"bench_plugin_run").expect("it has it");
        run(number, rounds)
    }
}

/// So many threads record at once, in rounds that fit the queue; prints how many events a microsecond took in the best
/// round: in others some thread did not run.
fn threads(count: usize) {
    use_loopback();
    let call = |number: usize| {
        record!(Accepted { component: Component::SignUp, appearance: true, overrides: black_box(number as u16) });
    };
    call(0);
    flush(Duration::from_secs(30)).expect("the server is up");
    let (begin, running) = (Barrier::new(count), AtomicUsize::new(0));
    let round = |number: usize| {
        begin.wait();
        running.fetch_add(1, Ordering::SeqCst);
        // Without giving the processor to somebody else, who would keep it for longer than a round.
        while running.load(Ordering::SeqCst) < (number + 1) * count {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        (0..THREADS_CALLS).for_each(call);
        (start, Instant::now())
    };
    let rounds: Vec<Vec<_>> = std::thread::scope(|scope| {
        let rounds = || {
            let rounds = 0..THREADS_ROUNDS;
            rounds
                .map(|number| {
                    let times = round(number);
                    std::thread::sleep(Duration::from_millis(50));
                    times
                })
                .collect()
        };
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(rounds)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a call never panics")).collect()
    });
    assert_eq!(TELEMETRY.status().ledger.queue_full, 0, "they did not fit the queue");
    let took = |number: usize| {
        let of_round = || rounds.iter().filter_map(|times| times.get(number));
        let (first, last) = (of_round().map(|(start, _)| *start).min(), of_round().map(|(_, end)| *end).max());
        last.zip(first).map_or(Duration::MAX, |(last, first)| last - first)
    };
    let best = (0..THREADS_ROUNDS).map(took).min().unwrap_or(Duration::MAX);
    println!("{}", (count * THREADS_CALLS) as f64 / best.as_secs_f64() / 1e6);
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
