//! The lock file of a command.

use std::path::Path;

use crate::{
    exit_code::ExitCode,
    failure::Failure,
    files::{shown, text},
    lock::{Build, Lock, LockError},
    output,
};

/// The lock file at `path`; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Lock>, Failure> {
    let name = shown(path);
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}"))),
        Ok(_) => {}
    }
    parse(&text(path, &name)?, &name).map(Some)
}

/// The same for a command that writes the file anew, and what it says is built: damage and a former format are no reason to
/// stop, a file of a later version is.
pub(crate) fn read_to_replace(path: &Path) -> Result<(Option<Lock>, Option<Vec<Build>>), Failure> {
    let name = shown(path);
    match read(path) {
        Ok(old) => {
            let builds = old.as_ref().map(|old| old.builds().to_vec());
            Ok((old, builds))
        }
        Err(failure) => {
            let text = text(path, &name)?;
            let builds = match Lock::parse(&text) {
                Err(LockError::Version { .. } | LockError::NoVersion) | Ok(_) => return Err(failure),
                Err(_) => Lock::salvage(&text),
            };
            output::note(&format!("{}; the file is written anew", failure.message));
            if builds.is_none() {
                output::note("what it said about features and target is lost: name them by flags where they matter");
            }
            Ok((None, builds))
        }
    }
}

/// A lock file, with an error that names the file.
pub(crate) fn parse(text: &str, name: &str) -> Result<Lock, Failure> {
    Lock::parse(text)
        .map_err(|error| Failure::new(ExitCode::Config, format!("{name}: {error}")).with_hint(error.hint()))
}
