//! Arguments, and how the program ends.

use std::{ffi::OsString, io::Write as _};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{arguments::result, commands, exit_code::ExitCode, failure::Failure};

/// Receives telemetry, holds each event against what its program declares, keeps what was declared, and answers questions.
#[derive(Debug, Parser)]
#[command(
    name = "telemetry-collector",
    version,
    after_help = "Exit codes: 0 done or holds; 1 something was found; 2 could not tell; 64 wrong arguments; 66 a file is missing; \
                  69 an address or the data folder is in use; 73 cannot write; 78 the configuration is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let real programs live through a month, and hold the answers against what happened. Needs the sources and cargo.
    Demo(commands::demo::Arguments),
    /// Listen for clients and for the operator.
    Serve(commands::serve::Arguments),
    /// Say which SDKs may send: add, list, retire.
    #[command(subcommand)]
    Sdk(commands::sdk::Command),
    /// Answer: active installations, events, versions, losses.
    Query(commands::query::Arguments),
    /// Write rows as CSV or JSON lines to standard output.
    Export(commands::export::Arguments),
    /// Delete, so that no byte is left: an SDK, what is before a day, an instance.
    Erase(commands::erase::Arguments),
    /// Copy store and list of SDKs, as of one moment, while the collector runs.
    Backup(commands::backup::Arguments),
    /// Look for damage in store and list of SDKs.
    Check(commands::check::Arguments),
    /// Show what comes in at a running collector, as it comes.
    Watch(commands::watch::Arguments),
    /// Make a token for a team or a job of CI.
    Token(commands::token::Arguments),
    /// Write a script that completes the commands of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Runs the program with these arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> std::process::ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Holds }.into();
        }
    };
    let ended = match cli.command {
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Sdk(command) => commands::sdk::run(&command),
        Command::Query(arguments) => commands::query::run(&arguments),
        Command::Export(arguments) => commands::export::run(&arguments),
        Command::Erase(arguments) => commands::erase::run(&arguments),
        Command::Backup(arguments) => commands::backup::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Watch(arguments) => commands::watch::run(&arguments),
        Command::Token(arguments) => commands::token::run(&arguments),
        Command::Completions { shell } => completions(shell),
    };
    match ended {
        Ok(code) => code.into(),
        Err(failure) => {
            let _ = writeln!(anstream::stderr(), "error: {}", failure.message);
            if let Some(hint) = &failure.hint {
                let _ = writeln!(anstream::stderr(), "help: {hint}");
            }
            failure.exit.into()
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "telemetry-collector", &mut script);
    result(&String::from_utf8_lossy(&script)).map(|()| ExitCode::Holds)
}
