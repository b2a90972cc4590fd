//! `cargo telemetry lock`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    arguments::{Source, refuse_all_features},
    builds::{self, Chosen},
    cargo, config,
    exit_code::ExitCode,
    failure::Failure,
    files, hidden,
    lock::{self, Builds, Change, Lock, Scope},
    output,
    source::lock_file,
    words,
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
    /// The builds; by default of `telemetry-check.toml` beside the manifest of the package.
    #[arg(long, value_name = "FILE", help_heading = "Options")]
    config: Option<PathBuf>,
    /// Builds only this build of those that are declared, and leaves what the file says of the others; may be repeated.
    #[arg(long = "build", value_name = "NAME", help_heading = "Options")]
    builds: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    refuse_all_features(&arguments.source)?;
    let folder = cargo::folder(&arguments.source)?;
    let path = arguments.output.clone().unwrap_or_else(|| folder.join(lock::FILE_NAME));
    let config_path = arguments.config.clone().unwrap_or_else(|| folder.join(config::FILE_NAME));
    let config = config::read(&config_path, arguments.config.is_some())?;
    let (old, known) = lock_file::read_to_replace(&path)?;
    let chosen = builds::choose(&arguments.source, &config, known.as_deref(), &arguments.builds)?;
    let rest = if chosen.is_restricted() { Some(others(old.as_ref(), &chosen, &path)?) } else { None };
    let read = builds::read(&arguments.source, &chosen, &config.name)?;
    let new = read.lock(chosen.builds().cloned().collect());
    let new = rest.map_or_else(|| new.clone(), |rest| rest.with(&new));
    let name = files::shown(&path);
    let count = words::counted(new.manifest().events.len(), "event");
    match old {
        Some(old) if old == new && files::text(&path, &name)? == new.to_text() => {
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

/// What the file says of the builds that are not built now: it stays as it is.
fn others(old: Option<&Lock>, chosen: &Chosen, path: &Path) -> Result<Lock, Failure> {
    let name = files::shown(path);
    let old = old.ok_or_else(|| {
        Failure::usage(format!("{name} cannot be completed: there is no file of the other builds"))
            .with_hint("run `cargo telemetry lock` without `--build` first")
    })?;
    let declared: Builds = chosen.all.iter().map(|build| build.name.clone()).collect();
    Ok(old.restricted(&declared, true).restricted(&chosen.names, false))
}

/// `+ acme-ui/opened: field theme`
fn line(change: &Change) -> String {
    let scope = match &change.scope {
        Scope::File => lock::FILE_NAME,
        Scope::Sdk(name) | Scope::Event(name) => name,
    };
    let what = hidden::clean(&change.label).into_owned();
    let scope = hidden::clean(scope);
    if matches!(what.as_str(), "event" | "sdk") {
        format!("{} {what} {scope}", change.sign())
    } else {
        format!("{} {scope}: {what}", change.sign())
    }
}
