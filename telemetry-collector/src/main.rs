//! `telemetry-collector`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    telemetry_collector::cli::run(std::env::args_os())
}
