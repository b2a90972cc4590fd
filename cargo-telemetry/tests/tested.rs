//! `cargo telemetry`, as its `main.rs` is.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_telemetry::cli::run(std::env::args_os())
}
