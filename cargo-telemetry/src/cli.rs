//! The command line: what can be asked, and what is answered to mistakes.
//!
//! Results alone go to standard output; progress, findings' explanations and errors go to standard error.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::{commands, exit_code::ExitCode, failure::Failure, output};

/// Lists, locks, compares and documents the telemetry events of a program, without running it.
#[derive(Debug, Parser)]
#[command(name = "cargo telemetry", bin_name = "cargo telemetry", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 holds, 1 found something, 2 could not tell, 64 and above misuse or failure.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a declaration, one event, one test, rules, page and a step of CI into a package.
    Init(commands::init::Arguments),
    /// Lists every event that a program can record, with its fields.
    List(commands::list::Arguments),
    /// Shows one event with all it may carry.
    Show(commands::show::Arguments),
    /// Writes `telemetry.lock`, the list as it is committed and reviewed.
    Lock(commands::lock::Arguments),
    /// Verifies lock file, rules and page: the gate of a CI.
    Check(commands::check::Arguments),
    /// Compares two programs or lock files field by field.
    Diff(commands::diff::Arguments),
    /// Writes the page that says what is collected.
    Docs(commands::docs::Arguments),
    /// Prints the JSON Schema of the batches, for collectors.
    Schema(commands::schema::Arguments),
    /// Finds that a program or a folder holds no trace of this framework.
    Absent(commands::absent::Arguments),
    /// Runs a program in debug mode, and shows each event beside its record with what a collector would answer.
    Watch(commands::watch::Arguments),
}

/// Runs the program with these arguments, the first being its own name. As a subcommand of cargo it is called with
/// `telemetry` as the second.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> std::process::ExitCode {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == "telemetry") {
        arguments.remove(1);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Holds }.into();
        }
    };
    run_command(&cli.command).unwrap_or_else(|failure| {
        report(&failure);
        failure.exit.into()
    })
}

fn run_command(command: &Command) -> Result<std::process::ExitCode, Failure> {
    let ended = match command {
        Command::Init(arguments) => commands::init::run(arguments),
        Command::List(arguments) => commands::list::run(arguments),
        Command::Show(arguments) => commands::show::run(arguments),
        Command::Lock(arguments) => commands::lock::run(arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Diff(arguments) => commands::diff::run(arguments),
        Command::Docs(arguments) => commands::docs::run(arguments),
        Command::Schema(arguments) => commands::schema::run(arguments),
        Command::Absent(arguments) => commands::absent::run(arguments),
        // It ends as the program that it has run.
        Command::Watch(arguments) => return commands::watch::run(arguments),
    };
    ended.map(Into::into)
}

fn report(failure: &Failure) {
    let (red, cyan) = (anstyle::AnsiColor::Red.on_default().bold(), anstyle::AnsiColor::Cyan.on_default().bold());
    output::labelled(red, "error", &failure.message);
    if let Some(hint) = &failure.hint {
        output::labelled(cyan, "help", hint);
    }
}
