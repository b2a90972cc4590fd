//! `cargo telemetry list`.

use clap::Args;

use crate::{
    arguments::{Format, Source},
    exit_code::ExitCode,
    failure::Failure,
    output, report,
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry list                          build the current package and list its events
  cargo telemetry list target/release/app       list the events of a program, without running it
  cargo telemetry list --lib --format markdown  what a library can record, as a page";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// How the list is written.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Options")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let resolved = super::resolve(&arguments.source)?;
    let list = match arguments.format {
        Format::Text => report::text::list(&resolved.manifest, &resolved.name),
        Format::Json => report::json::list(&resolved.manifest),
        Format::Markdown => report::markdown::list(&resolved.manifest, &resolved.name),
    };
    output::result(&list)?;
    Ok(ExitCode::Holds)
}
