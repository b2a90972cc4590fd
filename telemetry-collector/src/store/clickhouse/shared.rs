//! What the thread that writes and the one that sends tell each other.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::store::{Keep, sqlite::outbox::Progress};

/// Between the two threads.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// How far it has come.
    pub(crate) progress: Progress,
    state: Mutex<State>,
    changed: Condvar,
}

/// What is wished, and what was done.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// No more is to be sent.
    pub(super) is_ending: bool,
    /// Why the engine cannot be had.
    pub(crate) failure: Option<String>,
    /// Which days need not stay.
    pub(super) keep: Option<Keep>,
    /// Rows that no answer has are to be deleted.
    pub(super) purge: bool,
}

impl Shared {
    /// What holds now.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the one that sends.
    pub(super) fn wake(&self) {
        self.changed.notify_all();
    }

    /// Waits so long, or until there is an end; whether there is.
    pub(super) fn rest(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), time, |state| !state.is_ending);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_ending
    }
}
