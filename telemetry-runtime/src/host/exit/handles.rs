//! Closes what a process has inherited without knowing.
#![expect(unsafe_code, reason = "nothing safe closes a descriptor that nobody in this process has opened")]

use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};

/// Standard input, output and error: 0, 1 and 2.
const FIRST_OTHER: RawFd = 3;

/// Closes every descriptor but the first three.
///
/// Everything that the standard library opens is closed by the system when a program starts; what is left was opened by
/// somebody else, such as the write end of a pipe on whose end a shell waits.
///
/// To be called first of all in a process that is ours alone and ends without returning to the program: nobody who is
/// still to run may own one of them.
pub(super) fn close_inherited() {
    // On Linux, macOS and the BSDs; where it does not exist, what was inherited stays open for as long as this process
    // lives.
    let Ok(entries) = std::fs::read_dir("/dev/fd") else { return };
    // The list is complete, and its own descriptor closed, before the first one is.
    let listed: Vec<RawFd> = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for descriptor in listed.into_iter().filter(|descriptor| *descriptor >= FIRST_OTHER) {
        if std::fs::symlink_metadata(format!("/dev/fd/{descriptor}")).is_err() {
            continue; // That of the list itself.
        }
        // SAFETY: it is open, and nobody will use it any more, see above.
        drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
    }
}
