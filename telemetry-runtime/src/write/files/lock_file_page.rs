//! A page has no locks that it can take at once; the same names as in `lock_file.rs`.

use std::io;

use telemetry_spool::folder::dir::File;

use crate::write::files::state_dir::SdkDir;

/// Never has it: whoever needs it goes on as on a file system without.
///
/// # Errors
///
/// Always [`io::ErrorKind::Unsupported`].
pub(crate) fn lock_named(_: &SdkDir, _name: &str) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
