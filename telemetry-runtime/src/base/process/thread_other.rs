//! Threads, where there are no signals.

use std::{io, thread};

/// Starts a thread.
///
/// # Errors
///
/// If the system has no thread to give.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            super::stay_inside();
            run();
        })
        .map(drop)
}
