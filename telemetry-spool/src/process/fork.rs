//! Forked children: they fall silent, without a system call or a single instruction on the path of a frame.
//!
//! A handler that the C library calls in the child of every `fork` sets the one word that each frame asks first. It is
//! registered with the first accepted frame, and in the child alone: nothing of ours delays a fork, and a fork before the
//! first frame finds nothing to do. `fork` called by any language, `forkpty` and `daemon` run it; `posix_spawn` and `vfork`
//! need not, because their children only start another program. A child that bypassed the handler (`_Fork`, a raw system
//! call) is told by its process id wherever we make system calls anyhow.
#![allow(unsafe_code, reason = "`pthread_atfork` is a function of C")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::process::{List, descriptors};

/// How many forks lie between this process and the first ancestor that used this. Values of another generation
/// belong to another process.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// This process is a child that has not been made ready.
static FORKED: AtomicBool = AtomicBool::new(false);

/// What else happens in a child, before anything else of ours does: signal-safe functions.
static ON_FORK: List<fn()> = List::new();

/// The process in which the handler was registered, or the last one that knows it was forked; 0 before.
static PID: AtomicU32 = AtomicU32::new(0);

/// Whether a process can be a copy of another one that runs.
pub const FORKS: bool = true;

#[inline]
pub(super) fn generation() -> u32 {
    GENERATION.load(Ordering::Acquire)
}

/// Whether this process is a forked child, which records nothing.
#[inline]
pub fn is_forked() -> bool {
    FORKED.load(Ordering::Acquire)
}

/// As [`is_forked`], and finds out about forks that ran no handler. One `getpid`.
pub fn look_for_fork() -> bool {
    let (known, here) = (PID.load(Ordering::Acquire), std::process::id());
    if known != 0 && known != here && PID.compare_exchange(known, here, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        leave_to_parent();
    }
    is_forked()
}

/// Registers the handler, once in a process and its children, after `first`.
pub fn register(first: impl FnOnce()) {
    if PID.compare_exchange(0, std::process::id(), Ordering::AcqRel, Ordering::Acquire).is_err() {
        return;
    }
    first();
    // SAFETY: the handler makes atomic loads and stores, `getpid` and `close`, which a child of a program with several
    // threads may do; the library that holds it was pinned by `first`, so it stays callable. If memory is short, the call
    // fails: then `look_for_fork` remains.
    let _ = unsafe { libc::pthread_atfork(None, None, Some(handler)) };
}

/// Has a signal-safe function called in each child of a fork.
pub fn on_fork(silence: fn()) {
    ON_FORK.push(silence);
}

extern "C" fn handler() {
    PID.store(std::process::id(), Ordering::Release);
    leave_to_parent();
}

/// Makes a child forget what is its parent's. Signal-safe.
fn leave_to_parent() {
    FORKED.store(true, Ordering::Release);
    GENERATION.fetch_add(1, Ordering::AcqRel);
    ON_FORK.iter().for_each(|silence| silence());
    descriptors::close_inherited();
}

/// The child has been made ready.
pub fn end_silence() {
    FORKED.store(false, Ordering::Release);
}
