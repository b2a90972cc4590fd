//! `cargo telemetry list`.

use clap::Args;

use crate::{cli::Source, exit_code::ExitCode, failure::Failure, output, source};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let resolved = source::resolve(&arguments.source)?;
    output::result(&resolved.manifest.to_json())?;
    Ok(ExitCode::Holds)
}
