//! The command line: what can be asked, and what is answered to mistakes.
//!
//! Results alone go to standard output; progress, findings' explanations and errors go to standard error.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

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
}

/// Which program is read: a file, or what cargo builds of the current package.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is read")]
pub(crate) struct Source {
    /// A program, shared library or archive, a lock file, or the JSON of `list`; without it the current package is
    /// built.
    #[arg(conflicts_with_all = ["target_of_package", "features", "no_default_features", "release", "profile", "target"])]
    pub(crate) path: Option<PathBuf>,
    /// Builds and reads this binary of the package.
    #[arg(long, value_name = "NAME", group = "target_of_package")]
    pub(crate) bin: Option<String>,
    /// Builds and reads this example of the package.
    #[arg(long, value_name = "NAME", group = "target_of_package")]
    pub(crate) example: Option<String>,
    /// Builds and reads the library, with the libraries of all crates that share its SDK.
    #[arg(long, group = "target_of_package")]
    pub(crate) lib: bool,
    /// Builds this package of the workspace.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The manifest of the package.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Features to build with; never all of them, because that would turn `no-telemetry` on.
    #[arg(short = 'F', long, value_delimiter = ',', value_name = "FEATURES")]
    pub(crate) features: Vec<String>,
    /// Refused, with the reason.
    #[arg(long, hide = true)]
    pub(crate) all_features: bool,
    /// Builds without default features.
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Builds with optimizations.
    #[arg(short, long)]
    pub(crate) release: bool,
    /// Builds with this profile of cargo.
    #[arg(long, value_name = "NAME", conflicts_with = "release")]
    pub(crate) profile: Option<String>,
    /// Builds for this target.
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// Builds and reads all that `telemetry-check.toml` declares, or `telemetry.lock` names, and unites it. `lock` and
    /// `check` do so by themselves.
    #[arg(long, conflicts_with_all = ["path", "target_of_package", "features", "no_default_features", "release", "profile",
        "target"])]
    pub(crate) all_builds: bool,
    /// Builds with the versions in `Cargo.lock`, or fails.
    #[arg(long)]
    pub(crate) locked: bool,
    /// Builds without the network.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Keeps cargo from telling its progress.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl Source {
    /// The features that are named; an empty name says "none" where a lock file has some.
    pub(crate) fn features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|feature| feature.trim()).filter(|feature| !feature.is_empty())
    }

    /// The profile that is named, in either way.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref().or(self.release.then_some("release"))
    }

    /// The flags that say what is built, as they are written; none where a lock file or a configuration decides.
    pub(crate) fn build_flags(&self) -> Vec<&'static str> {
        let flags = [
            (self.bin.is_some(), "--bin"),
            (self.example.is_some(), "--example"),
            (self.lib, "--lib"),
            (self.package.is_some(), "--package"),
            (!self.features.is_empty(), "--features"),
            (self.no_default_features, "--no-default-features"),
            (self.release, "--release"),
            (self.profile.is_some(), "--profile"),
            (self.target.is_some(), "--target"),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag).collect()
    }

    /// What cargo is told about its lock file and the network.
    pub(crate) fn lock_options(&self) -> Vec<String> {
        let options = [(self.locked, "--locked"), (self.offline, "--offline")];
        options.into_iter().filter(|(on, _)| *on).map(|(_, option)| option.to_owned()).collect()
    }
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// For programs; `docs/audit-formats.md` describes it.
    Json,
    /// For pull requests and pages.
    Markdown,
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
    let ended = match cli.command {
        Command::List(arguments) => commands::list::run(&arguments),
        Command::Show(arguments) => commands::show::run(&arguments),
        Command::Lock(arguments) => commands::lock::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Diff(arguments) => commands::diff::run(&arguments),
        Command::Docs(arguments) => commands::docs::run(&arguments),
        Command::Schema(arguments) => commands::schema::run(&arguments),
        Command::Absent(arguments) => commands::absent::run(&arguments),
    };
    match ended {
        Ok(code) => code.into(),
        Err(failure) => {
            report(&failure);
            failure.exit.into()
        }
    }
}

fn report(failure: &Failure) {
    let (red, cyan) = (anstyle::AnsiColor::Red.on_default().bold(), anstyle::AnsiColor::Cyan.on_default().bold());
    output::labelled(red, "error", &failure.message);
    if let Some(hint) = &failure.hint {
        output::labelled(cyan, "help", hint);
    }
}
