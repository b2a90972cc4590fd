//! How far the flushes have come that were asked for: what worker, senders and those who wait tell each other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::base::process::PerProcess;

pub(crate) static FLUSHES: PerProcess<Flushes> = PerProcess::new(Flushes::new(), |_| Flushes::new());

pub(crate) struct Flushes {
    tickets: Mutex<Tickets>,
    pub(crate) changed: Condvar,
}

/// How many flushes were asked for, and how far the worker and the senders have come.
pub(crate) struct Tickets {
    pub(crate) wanted: u64,
    pub(crate) appended: u64,
    pub(crate) sent: u64,
}

impl Flushes {
    pub(crate) const fn new() -> Self {
        Self { tickets: Mutex::new(Tickets { wanted: 0, appended: 0, sent: 0 }), changed: Condvar::new() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The senders have offered everything that was appended before `ticket` was handed to them.
pub(crate) fn flushed(ticket: u64) {
    let mut tickets = FLUSHES.lock();
    // Two senders may say so in the wrong order.
    tickets.sent = tickets.sent.max(ticket);
    drop(tickets);
    FLUSHES.changed.notify_all();
}

/// Wakes whoever waits for a flush or for the end of the threads.
pub(crate) fn look_again() {
    // Under the lock, so that nobody misses it between a look and a wait.
    let _tickets = FLUSHES.lock();
    FLUSHES.changed.notify_all();
}
