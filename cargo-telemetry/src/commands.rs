//! One file per command: its arguments, and the way from them to a result and an exit code.

pub(crate) mod absent;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod watch;

use crate::{
    arguments::{Source, refuse_all_features},
    builds, cargo,
    failure::Failure,
    source::{Resolved, read_file},
};

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
