//! The command line; nothing here knows of telemetry but for the derive and the last variant.

use clap::{Args, Parser};
use telemetry_runtime::TelemetryValue;

/// Acme, for the demo.
#[derive(Debug, Parser)]
#[command(name = "acme")]
pub(crate) enum Acme {
    /// Builds the project
    Build(Arguments),
    /// Serves it
    Start(Arguments),
    /// Shows the environment
    Whoami(Arguments),
    /// What is collected, and your say in it
    Telemetry(telemetry_runtime::cli::Telemetry),
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Fails
    #[arg(long)]
    fail: bool,
    /// Whatever else stands there
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// A command, as it is reported: the name and nothing that stands behind it.
#[derive(Debug, Clone, Copy, TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
pub(crate) enum Command {
    /// Builds the project.
    Build,
    /// Serves it.
    Start,
    /// Shows the environment.
    Whoami,
}

impl Command {
    /// Does what the command is for.
    pub(crate) fn run(self, arguments: &Arguments) -> Result<(), String> {
        if arguments.fail {
            return Err("the command failed, as it was told to".to_owned());
        }
        match self {
            Self::Build => println!("built"),
            Self::Start => println!("started"),
            Self::Whoami => println!("you are you"),
        }
        if !arguments.more.is_empty() {
            println!("with {} more arguments", arguments.more.len());
        }
        Ok(())
    }
}
