//! `cargo telemetry lock`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::Source,
    exit_code::ExitCode,
    failure::Failure,
    lock::{self, Build, Change, Lock, Scope, place},
    output, report,
    source::{self, Origin},
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry lock                    build the current package and write its telemetry.lock
  cargo telemetry lock --lib -F theming   the same for a library; the lock file remembers the flags
  git diff telemetry.lock                 review what users will send";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Where the file is written; by default beside the manifest of the package.
    #[arg(short, long, value_name = "FILE", help_heading = "Options")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    source::refuse_all_features(&arguments.source)?;
    let path = place::path(&arguments.source, arguments.output.as_deref())?;
    let (old, known) = place::read_to_replace(&path)?;
    let resolved = source::resolve(&place::completed(&arguments.source, &known))?;
    let new = Lock::new(build(resolved.origin, known), &resolved.manifest);
    let name = place::shown(&path);
    let count = report::counted(new.manifest().events.len(), "event");
    match old {
        Some(old) if old == new && source::text(&path, &name)? == new.to_text() => {
            output::note(&format!("{name} is up to date: {count}"));
        }
        Some(old) => {
            output::file(&path, &new.to_text())?;
            for change in lock::changes(&old, &new) {
                output::note(&line(&change));
            }
            output::note(&format!("wrote {name}: {count}; commit it after review"));
        }
        None => {
            output::file(&path, &new.to_text())?;
            output::note(&format!("wrote {name}: {count}; review it and commit it"));
        }
    }
    Ok(ExitCode::Holds)
}

/// A program that was named was built by somebody else: what `lock` and `check` build stays as it was.
fn build(origin: Origin, known: Build) -> Build {
    match origin {
        Origin::Built(build) => build,
        Origin::File => known,
    }
}

/// `+ acme-ui/opened: field theme`
fn line(change: &Change) -> String {
    let scope = match &change.scope {
        Scope::File => lock::FILE_NAME,
        Scope::Sdk(name) | Scope::Event(name) => name,
    };
    let what = report::clean(&change.label).into_owned();
    let scope = report::clean(scope);
    if matches!(what.as_str(), "event" | "sdk") {
        format!("{} {what} {scope}", change.sign())
    } else {
        format!("{} {scope}: {what}", change.sign())
    }
}
