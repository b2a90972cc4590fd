//! `cargo telemetry docs`.

use clap::Args;

use crate::{exit_code::ExitCode, failure::Failure};

#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: &Arguments) -> Result<ExitCode, Failure> {
    Ok(ExitCode::CannotTell)
}
