//! Whether the worker's thread runs, and how it is woken.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU8, Ordering},
    },
    thread::Thread,
};

use crate::base::process::{self, Inside, PerProcess};

pub(super) const NONE: u8 = 0;
pub(super) const AWAKE: u8 = 1;
pub(super) const ASLEEP: u8 = 2;
/// It ended, and nobody takes its place.
pub(super) const ENDED: u8 = 3;
/// The system had no thread to give. Callers append for themselves, and ask again from time to time.
pub(super) const REFUSED: u8 = 4;

pub(super) static STATE: AtomicU8 = AtomicU8::new(NONE);
pub(super) static THREAD: PerProcess<OnceLock<Thread>> = PerProcess::new(OnceLock::new(), |_| OnceLock::new());

/// Has a sleeping worker look at what changed; starts none.
pub(crate) fn look() {
    if STATE.load(Ordering::SeqCst) == ASLEEP {
        let _inside = Inside::enter();
        if !process::look_for_fork() {
            wake_sleeping();
        }
    }
}

/// Wakes the worker if it sleeps.
pub(super) fn wake_sleeping() {
    if STATE.compare_exchange(ASLEEP, AWAKE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        unpark();
    }
}

/// Ends a nap of the worker.
pub(super) fn unpark() {
    if let Some(thread) = THREAD.get() {
        thread.unpark();
    }
}

/// Whether nobody empties the queue for those who wait: no thread could be started, or it ended.
pub(crate) fn has_failed() -> bool {
    matches!(STATE.load(Ordering::SeqCst), ENDED | REFUSED)
}

/// Whether there is no such thread, because it has ended or none was ever needed.
pub(crate) fn has_ended() -> bool {
    matches!(STATE.load(Ordering::SeqCst), NONE | ENDED | REFUSED)
}

/// In a forked child: the worker is the parent's.
pub(crate) fn leave_to_parent() {
    STATE.store(NONE, Ordering::SeqCst);
}
