//! The one way from a command line to a manifest: a file that is named, or what cargo builds of the current package.

mod file;

use std::path::{Path, PathBuf};

use telemetry_schema::Manifest;

use crate::{
    builds, cargo,
    cli::Source,
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

/// The manifest that `source` asks for.
///
/// A path is a program, library or archive, a lock file, or the JSON of a manifest. Without a path the current package
/// is built, with cargo's own messages on standard error.
pub(crate) fn resolve(source: &Source) -> Result<Resolved, Failure> {
    refuse_all_features(source)?;
    match &source.path {
        Some(path) => read_file(path),
        None if source.all_builds => builds::read_all(source),
        None => cargo::build(source),
    }
}

/// The manifest in the file at `path`: a binary, a lock file, or the JSON of a manifest.
pub(crate) fn read_file(path: &Path) -> Result<Resolved, Failure> {
    file::read(path)
}

/// The text of the file at `path`, which messages call `name`.
pub(crate) fn text(path: &Path, name: &str) -> Result<String, Failure> {
    file::text(path, name)
}

/// A lock file; `name` stands for it in messages.
pub(crate) fn parse_lock(text: &str, name: &str) -> Result<Lock, Failure> {
    file::parse_lock(text, name)
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

/// `--all-features` is a reflex. It is answered here rather than by "unexpected argument".
pub(crate) fn refuse_all_features(source: &Source) -> Result<(), Failure> {
    if !source.all_features {
        return Ok(());
    }
    Err(Failure::usage("all features would turn `no-telemetry` on, and there would be nothing left to list")
        .with_hint("name the features that your users build with: `--features FEATURES`"))
}
