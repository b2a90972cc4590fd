//! `cargo telemetry`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_telemetry::cli::run(std::env::args_os())
}
