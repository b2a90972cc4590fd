//! One run of a program, as its developer or user starts it: `month-v1 SDK NOW PORT WORD…`.
//!
//! `SDK` is `ui`, `admin` or `cli`; `NOW` the time at which it starts, in seconds since 1970; `PORT` that of the collector on
//! this machine; each `WORD` one thing that happens. Everything else is the runtime as every program has it: what `demo`
//! counts has gone through its gate, its files and its HTTP client.

pub(crate) mod admin;
pub(crate) mod cli;
pub(crate) mod ui;

use std::{
    process::ExitCode,
    time::{Duration, UNIX_EPOCH},
};

use telemetry_runtime::{Options, flush, testing::Clock};

/// Runs it: the clock first, then what happens, then the delivery of what waits. A server that does not answer is no failure.
pub(crate) fn run() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sdk, now, port, words @ ..] = arguments.as_slice() else { return usage() };
    let (Ok(now), Ok(port)) = (now.parse(), port.parse()) else { return usage() };
    Clock::set(UNIX_EPOCH + Duration::from_secs(now));
    let options = Options::new().loopback().loopback_port(port);
    match sdk.as_str() {
        "ui" => ui::run(options, words),
        "admin" => admin::run(options),
        "cli" => cli::run(options, words),
        _ => return usage(),
    }
    let _ = flush(Duration::from_secs(60));
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: month-v1 ui|admin|cli NOW PORT [WORD…]");
    ExitCode::from(64)
}
