//! Exclusive locks on open files, where there are neither locks nor files; the same names as in `lock.rs`.

use std::{fs::File, io};

/// Never has it: whoever needs it goes on as on a file system without locks.
///
/// # Errors
///
/// Always [`io::ErrorKind::Unsupported`].
pub(crate) fn try_lock(_: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Nothing: there is nothing to give back.
///
/// # Errors
///
/// None.
pub(crate) fn unlock(_: &File) -> io::Result<()> {
    Ok(())
}
