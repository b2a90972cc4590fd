//! Where the lock file of a command lies, and what it says is built.

use std::path::{Path, PathBuf};

use super::{Build, Lock, LockError};
use crate::{
    cargo::{self, Workspace},
    check::config,
    cli::Source,
    exit_code::ExitCode,
    failure::Failure,
    output, source,
};

/// The folder of the package that `source` means, or that of a workspace which is no package and has rules of its own. A
/// program that is named may lie anywhere; then a package that cannot be found is no fault, and the current folder counts.
pub(crate) fn folder(source: &Source) -> Result<PathBuf, Failure> {
    if source.package.is_none()
        && let Ok(Workspace { root, current: None, .. }) = cargo::workspace(source)
        && root.join(config::FILE_NAME).is_file()
    {
        return Ok(root);
    }
    match cargo::locate(source) {
        Ok(package) => Ok(package.folder),
        Err(_) if source.path.is_some() && source.package.is_none() && source.manifest_path.is_none() => {
            Ok(PathBuf::new())
        }
        Err(failure) => Err(failure),
    }
}

/// The lock file at `path`; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Lock>, Failure> {
    let name = shown(path);
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}"))),
        Ok(_) => {}
    }
    let text = source::text(path, &name)?;
    source::parse_lock(&text, &name).map(Some)
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
            let text = source::text(path, &name)?;
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

/// A path as messages show it: relative to the current folder where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
