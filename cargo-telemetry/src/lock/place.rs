//! Where the lock file of a command lies, and what it says is built.

use std::path::{Path, PathBuf};

use super::{Build, FILE_NAME, Lock, LockError};
use crate::{cargo, cli::Source, exit_code::ExitCode, failure::Failure, output, source};

/// The folder of the package that `source` means. A program that is named may lie anywhere; then a package that cannot be
/// found is no fault, and the current folder counts.
pub(crate) fn folder(source: &Source) -> Result<PathBuf, Failure> {
    match cargo::locate(source) {
        Ok(package) => Ok(package.folder),
        Err(_) if source.path.is_some() && source.package.is_none() && source.manifest_path.is_none() => {
            Ok(PathBuf::new())
        }
        Err(failure) => Err(failure),
    }
}

/// The path of the lock file: `chosen`, else beside the manifest of the package.
pub(crate) fn path(source: &Source, chosen: Option<&Path>) -> Result<PathBuf, Failure> {
    match chosen {
        Some(path) => Ok(path.to_owned()),
        None => Ok(folder(source)?.join(FILE_NAME)),
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

/// The same for a command that writes the file anew: damage is no reason to stop, a file of a later version is.
pub(crate) fn read_to_replace(path: &Path) -> Result<(Option<Lock>, Build), Failure> {
    let name = shown(path);
    match read(path) {
        Ok(old) => {
            let build = old.as_ref().map(|old| old.build.clone()).unwrap_or_default();
            Ok((old, build))
        }
        Err(failure) => {
            let text = source::text(path, &name)?;
            let build = match Lock::parse(&text) {
                Err(LockError::Version { .. } | LockError::NoVersion) | Ok(_) => return Err(failure),
                Err(_) => Lock::salvage(&text),
            };
            output::note(&format!("{}; the file is written anew", failure.message));
            if build.is_none() {
                output::note("what it said about features and target is lost: name them by flags where they matter");
            }
            Ok((None, build.unwrap_or_default()))
        }
    }
}

/// A path as messages show it: relative to the current folder where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// `source`, with what `[lock]` says wherever the command line says nothing. Flags win, each for its own part.
pub(crate) fn completed(source: &Source, build: &Build) -> Source {
    let mut source = source.clone();
    if source.path.is_some() {
        return source;
    }
    if !source.lib && source.bin.is_none() && source.example.is_none() {
        source.lib = build.lib;
        source.bin = build.bin.clone();
        source.example = build.example.clone();
    }
    if source.features.is_empty() {
        source.features = build.features.clone();
    }
    source.no_default_features |= !build.default_features;
    source.release |= build.release;
    source.target = source.target.or_else(|| build.target.clone());
    source
}
