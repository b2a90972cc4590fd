//! What telemetry adds to a short program: wall time from start to end of a program that records one event and returns,
//! over the same program opted out.
//!
//! `cargo bench -p telemetry-benches --bench exit`. Whether `main` waits is asserted elsewhere, by order and never by
//! milliseconds; this shows the milliseconds. The last column is what a program pays that asks for a delivery itself.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use telemetry_benches::{Accepted, CASE, Component, PORT, use_loopback};
use telemetry_runtime::{flush, record, testing::LoopbackServer};

const RUNS: usize = 100;

fn main() {
    match std::env::var(CASE) {
        Ok(case) => run(&case),
        Err(_) => drive(),
    }
}

fn drive() {
    let answers = LoopbackServer::start().expect("a loopback port is free");
    // Accepts into its backlog and never reads: the request is sent, the answer never comes.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let mute_port = mute.local_addr().expect("it is bound").port();
    // Bound and closed again: nobody listens there.
    let refused_port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        listener.local_addr().expect("it is bound").port()
    };
    let program = std::env::current_exe().expect("the benchmark knows its own path");
    println!("{:<34}{:>10}{:>10}{:>10}", "milliseconds, start to end", "median", "p99", "max");
    for (name, case, port) in [
        ("opted out", "off", answers.port()),
        ("recorded, server answers", "record", answers.port()),
        ("recorded, nobody listens", "record", refused_port),
        ("recorded, server never answers", "record", mute_port),
        ("recorded and flushed", "flush", answers.port()),
    ] {
        let mut times: Vec<f64> = (0..RUNS).map(|_| once(&program, case, port)).collect();
        times.sort_by(f64::total_cmp);
        println!("{name:<34}{:>10.2}{:>10.2}{:>10.2}", times[RUNS / 2], times[RUNS * 99 / 100 - 1], times[RUNS - 1]);
    }
}

fn once(program: &Path, case: &str, port: u16) -> f64 {
    let state = tempfile::tempdir().expect("the temporary folder can be written");
    let mut command = Command::new(program);
    for variable in ["DO_NOT_TRACK", "BENCH_TELEMETRY_DISABLED", "BENCH_TELEMETRY_DEBUG"] {
        command.env_remove(variable);
    }
    command.env("XDG_STATE_HOME", state.path()).env(CASE, case).env(PORT, port.to_string()).stderr(Stdio::null());
    if case == "off" {
        command.env("BENCH_TELEMETRY_DISABLED", "1");
    }
    let start = Instant::now();
    let status = command.status().expect("the benchmark starts itself");
    let elapsed = start.elapsed();
    assert!(status.success(), "{case}: {status}");
    elapsed.as_secs_f64() * 1e3
}

/// The program that is measured.
fn run(case: &str) {
    use_loopback();
    record!(Accepted { component: Component::SignIn, appearance: true, overrides: 7 });
    if case == "flush" {
        flush(Duration::from_secs(10)).expect("the server is up");
    }
}
