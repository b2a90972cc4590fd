//! `cargo telemetry diff`.

use clap::Args;

use crate::exit_code::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: &Arguments) -> ExitCode {
    ExitCode::CannotTell
}
