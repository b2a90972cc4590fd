//! Threads of ours: they leave the host's signals to the host's threads.
#![allow(unsafe_code, reason = "`pthread_sigmask` and `pthread_create` are functions of C")]

use std::{
    ffi::{CString, c_void},
    io,
    mem::MaybeUninit,
    panic::{self, AssertUnwindSafe},
    ptr,
};

/// Signals that a thread raises by what it does itself. Blocked ones would end the process past the handlers of crash
/// reporters and of sandboxes that answer system calls.
const OWN_DOING: [i32; 6] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// Bytes of a thread's stack: what the standard library gives one.
const STACK: usize = 2 * 1024 * 1024;

/// What a thread is to do.
struct Job {
    name: CString,
    takes_no_signal: bool,
    run: Box<dyn FnOnce() + Send>,
}

/// Starts a thread that takes no signal sent to the process, and on which nothing is an event; see `inside.rs`.
///
/// A new thread inherits the mask of the one that starts it, so there is no moment at which it could be interrupted: the
/// caller blocks all signals for as long as the start takes. The standard library allocates on a new thread before it calls
/// anything, and a host's allocator may record; so the thread is started without it, and knows first of all whose it is.
///
/// # Errors
///
/// If the system has no thread to give.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let name = CString::new(name)?;
    let before = block_signals();
    let job = Box::new(Job { name, takes_no_signal: before.is_some(), run: Box::new(run) });
    let started = start(job);
    if let Some(before) = before {
        // SAFETY: the mask is the one that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
    }
    started
}

/// Starts a detached thread.
fn start(job: Box<Job>) -> io::Result<()> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    let job = Box::into_raw(job);
    // SAFETY: the attributes are made, used and destroyed here. `begin` takes the job over, unless the thread is not
    // started; then it is still ours.
    unsafe {
        let mut error = libc::pthread_attr_init(attributes.as_mut_ptr());
        if error == 0 {
            // Where the system wants another size, the thread gets the usual one.
            libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), STACK);
            libc::pthread_attr_setdetachstate(attributes.as_mut_ptr(), libc::PTHREAD_CREATE_DETACHED);
            error = libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), begin, job.cast());
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
        if error != 0 {
            drop(Box::from_raw(job));
            return Err(io::Error::from_raw_os_error(error));
        }
    }
    Ok(())
}

/// The thread.
extern "C" fn begin(job: *mut c_void) -> *mut c_void {
    super::stay_inside();
    // SAFETY: `start` has given this job to this thread alone.
    let Job { name, takes_no_signal, run } = *unsafe { Box::from_raw(job.cast::<Job>()) };
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: the thread is this one, and the name outlives the call.
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), name.as_ptr());
    }
    #[cfg(target_vendor = "apple")]
    // SAFETY: as above.
    unsafe {
        libc::pthread_setname_np(name.as_ptr());
    }
    drop(name);
    if takes_no_signal {
        telemetry_spool::process::takes_no_signal();
    }
    // A panic ends this thread, as any other. The hook of the host has been told.
    let _ = panic::catch_unwind(AssertUnwindSafe(run));
    ptr::null_mut()
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
