//! Locks by which the processes of a user take turns.

use std::{io, time::Duration};

use telemetry_spool::{
    Digest,
    folder::dir::{Dir, File},
};

use crate::write::files::state_dir::SdkDir;

/// Held exclusively by the one process that delivers after the end of another, for one destination.
const DELIVERY_LOCK: &str = "detached";

/// How long a process waits for the lock; whoever has it needs a millisecond. Without it, two processes that write at
/// the same moment lose one of their two changes.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The lock of this name.
///
/// # Errors
///
/// [`io::ErrorKind::WouldBlock`] if somebody keeps it; any other if there are no locks, or the disk failed.
pub(crate) fn lock_named(dir: &SdkDir, name: &str) -> io::Result<File> {
    let file = lock_file(dir.dir(), name)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(LOCK_PAUSE),
            locked => return locked.map(|()| file),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// The right to be the one process that delivers after the end of another, as long as the file is open. `None` if
/// somebody has it.
pub(crate) fn lock_delivery(dir: &SdkDir, destination: &Digest) -> Option<File> {
    lock_file(dir.dir(), &delivery_lock_name(destination)).ok().filter(|file| file.try_lock().is_ok())
}

/// The name of what is locked by [`lock_delivery`].
pub(crate) fn delivery_lock_name(destination: &Digest) -> String {
    format!("{DELIVERY_LOCK}.{}.lock", telemetry_spool::identity(destination))
}

fn lock_file(dir: &Dir, name: &str) -> io::Result<File> {
    match dir.create(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => dir.open_file(name),
        other => other,
    }
}
