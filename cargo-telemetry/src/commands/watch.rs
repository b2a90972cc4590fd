//! `cargo telemetry watch`.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process,
};

use clap::Args;

use crate::{exit_code::ExitCode, failure::Failure, source, watch};

const EXAMPLES: &str = "\
Events stand on standard error, in place of the lines of debug mode; the program's own lines stay, and its standard output is its own. \
Nothing is sent or stored. It ends with the exit code of the program, 128 and the signal where one has ended it.

Examples:
  cargo telemetry watch -- target/debug/app build                       a program with records
  cargo telemetry watch --records target/debug/app -- cargo run         one that another program starts
  cargo telemetry watch --records telemetry.lock -- target/debug/app    held against what was reviewed";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The records that events are held against: of a program, a shared library, a lock file or the JSON of `list`; without it those
    /// of the program that is run.
    #[arg(long, value_name = "PATH", help_heading = "What is read")]
    records: Option<PathBuf>,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<process::ExitCode, Failure> {
    let Some((program, words)) = arguments.command.split_first() else {
        return Err(Failure::usage("there is no program").with_hint("write it behind `--`"));
    };
    let path = match &arguments.records {
        Some(records) => records.clone(),
        None => found(program).ok_or_else(|| {
            Failure::new(ExitCode::NoInput, format!("there is no program `{}`", program.to_string_lossy()))
                .with_hint("name it as the shell would find it, or with its path")
        })?,
    };
    let manifest = match source::read_file(&path) {
        Ok(resolved) => resolved.manifest,
        Err(failure) if arguments.records.is_none() => {
            return Err(failure.with_hint(
                "if another program records the events, say where its records are: `--records target/debug/app`",
            ));
        }
        Err(failure) => return Err(failure),
    };
    let mut command = process::Command::new(program);
    command.args(words);
    watch::run(&manifest, command)
}

/// Where the shell would find the program.
fn found(program: &OsStr) -> Option<PathBuf> {
    let path = Path::new(program);
    let with_suffix = |path: PathBuf| {
        let mut name = path.clone().into_os_string();
        name.push(env::consts::EXE_SUFFIX);
        [path, PathBuf::from(name)].into_iter().find(|path| path.is_file())
    };
    if path.components().count() > 1 {
        return with_suffix(path.to_owned());
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).find_map(|folder| with_suffix(folder.join(path)))
}
