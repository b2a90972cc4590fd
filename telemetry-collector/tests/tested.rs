//! The collector, as its `main.rs` is.

use std::process::ExitCode;

fn main() -> ExitCode {
    telemetry_collector::cli::run(std::env::args_os())
}
