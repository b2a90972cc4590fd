//! From a file to a manifest: a binary with the libraries that it loads, a lock file, or the JSON of a manifest.

mod file;
pub(crate) mod lock_file;

use std::path::{Path, PathBuf};

use telemetry_schema::Manifest;

use crate::{
    diff::Side,
    exit_code::ExitCode,
    failure::{Failure, with_causes},
    lock::Lock,
    reader::{self, ReadError},
};

/// A manifest, and where it comes from.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// All SDKs and events.
    pub(crate) manifest: Manifest,
    /// What was read, for people: a path as it was given, or what was built.
    pub(crate) name: String,
    /// The lock file that it was read from.
    pub(crate) lock: Option<Lock>,
}

impl Resolved {
    /// It, as one side of a comparison.
    pub(crate) fn side(&self) -> Side<'_> {
        self.lock.as_ref().map_or_else(|| Side::of(&self.manifest), Side::of_lock)
    }
}

/// The manifest in the file at `path`: a binary, a lock file, or the JSON of a manifest.
pub(crate) fn read_file(path: &Path) -> Result<Resolved, Failure> {
    file::read(path)
}

/// The records of the binary at `path`.
pub(crate) fn read_binary(path: &Path) -> Result<Manifest, Failure> {
    reader::read(path).map(|reading| reading.manifest).map_err(|error| read_failure(&error))
}

/// The records of the binary at `path`, and of the libraries that it loads when it starts. One without records is no
/// failure while another has some.
pub(crate) fn read_binaries(path: &Path, loaded: &[PathBuf]) -> Result<Manifest, Failure> {
    let (mut sdks, mut events, mut nothing) = (Vec::new(), Vec::new(), None);
    let all = std::iter::once(path).chain(loaded.iter().map(PathBuf::as_path).filter(|library| *library != path));
    for path in all {
        match reader::read(path) {
            Ok(reading) => {
                sdks.extend(reading.manifest.sdks);
                events.extend(reading.manifest.events);
            }
            Err(error @ ReadError::NoRecords { .. }) => nothing = nothing.or(Some(error)),
            Err(error) => return Err(read_failure(&error)),
        }
    }
    match nothing {
        Some(error) if sdks.is_empty() && events.is_empty() => Err(read_failure(&error)),
        _ => Ok(Manifest::new(sdks, events)),
    }
}

fn read_failure(error: &ReadError) -> Failure {
    let message = with_causes(error);
    match error {
        ReadError::Io { .. } => Failure::new(ExitCode::NoInput, message),
        ReadError::NoRecords { .. } => Failure::new(ExitCode::CannotTell, message).without_records().with_hint(
            "that is no proof that there is no telemetry: `cargo telemetry absent PATH` looks for more than records",
        ),
        ReadError::Format { .. } => Failure::new(ExitCode::CannotTell, message)
            .with_hint("name an executable, a shared library or an archive; or name no path to build the package"),
        _ => Failure::new(ExitCode::CannotTell, message),
    }
}
