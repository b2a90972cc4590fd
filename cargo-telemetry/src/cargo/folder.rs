//! Where lock file and rules of a command lie.

use std::path::PathBuf;

use super::{Workspace, locate, workspace};
use crate::{arguments::Source, config, failure::Failure};

/// The folder of the package that `source` means, or that of a workspace which is no package and has rules of its own. A
/// program that is named may lie anywhere; then a package that cannot be found is no fault, and the current folder counts.
pub(crate) fn folder(source: &Source) -> Result<PathBuf, Failure> {
    if source.package.is_none()
        && let Ok(Workspace { root, current: None, .. }) = workspace(source)
        && root.join(config::FILE_NAME).is_file()
    {
        return Ok(root);
    }
    match locate(source) {
        Ok(package) => Ok(package.folder),
        Err(_) if source.path.is_some() && source.package.is_none() && source.manifest_path.is_none() => {
            Ok(PathBuf::new())
        }
        Err(failure) => Err(failure),
    }
}
