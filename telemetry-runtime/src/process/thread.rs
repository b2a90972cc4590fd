//! Threads of ours: they leave the host's signals to the host's threads.
#![allow(unsafe_code, reason = "`pthread_sigmask` is a function of C")]

use std::{io, mem::MaybeUninit, ptr, thread};

/// Signals that a thread raises by what it does itself. Blocked ones would end the process past the handlers of crash
/// reporters and of sandboxes that answer system calls.
const OWN_DOING: [i32; 6] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// Starts a thread that takes no signal sent to the process.
///
/// A new thread inherits the mask of the one that starts it, so there is no moment at which it could be interrupted: the
/// caller blocks all signals for as long as the start takes.
///
/// # Errors
///
/// If the system has no thread to give.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let before = block_signals();
    let started = thread::Builder::new().name(name.to_owned()).spawn(run);
    if let Some(before) = before {
        // SAFETY: the mask is the one that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
    }
    started.map(drop)
}

/// Blocks what can be blocked on this thread; answers with the mask it had.
fn block_signals() -> Option<libc::sigset_t> {
    let (mut all, mut before) = (MaybeUninit::<libc::sigset_t>::zeroed(), MaybeUninit::<libc::sigset_t>::zeroed());
    // SAFETY: `sigfillset` fills the set, and `pthread_sigmask` the old one if it succeeds; both are plain data. The C
    // library keeps the signals that it needs for itself.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        for signal in OWN_DOING {
            libc::sigdelset(all.as_mut_ptr(), signal);
        }
        (libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0).then(|| before.assume_init())
    }
}
