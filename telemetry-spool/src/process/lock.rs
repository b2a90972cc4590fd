//! Exclusive locks on open files. The standard library has these since Rust 1.89, which is newer than what this crate asks for.

use std::{fs::File, io};

use rustix::fs::{FlockOperation, flock};

/// Locks an open file, without waiting.
///
/// # Errors
///
/// [`io::ErrorKind::WouldBlock`] if another open file has the lock, in this process or another.
pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
}

/// Gives the lock back. Closing all copies of the open file does so too.
pub(crate) fn unlock(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::Unlock)?)
}
