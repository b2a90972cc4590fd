//! A forked child that wants telemetry of its own.

use std::sync::{Mutex, PoisonError};

use crate::{
    base::process::{self, Inside, PerProcess},
    declare::registry::all_sdks,
    pipeline,
};

/// One thread at a time makes a child ready.
static TURN: PerProcess<Mutex<()>> = PerProcess::new(Mutex::new(()), |_| Mutex::new(()));

/// Starts telemetry afresh in the child of a `fork`; does nothing in any other process, and nothing the second time.
///
/// A child that goes on without `exec` has no thread of ours, and everything it inherited belongs to its parent, who still
/// delivers it. So it is silent: nothing is recorded, counted or sent, [`status`](crate::status) says `forked`, and
/// [`flush`](crate::flush) returns at once. This call gives it an empty queue, files of its own, a ledger that begins at
/// zero, and threads with its first event. Consent, notice and throttle are read from disk again. What the host has
/// configured before the fork holds; so do a veto and a [`shutdown`](crate::shutdown). A setting that another thread was
/// changing at the moment of the fork is not known here: that SDK stays off until
/// `configure(Options::new().enabled(true))`.
///
/// Call it after `fork`, in the child, from ordinary code: it may allocate and is no function for a signal handler. A
/// program that forks only to `exec` needs nothing.
///
/// ```
/// // In a server that forks its workers, each worker begins with:
/// telemetry_runtime::reinit_after_fork();
/// ```
pub fn reinit_after_fork() {
    let _inside = Inside::enter();
    if !process::look_for_fork() {
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if !process::is_forked() {
        return;
    }
    pipeline::threads::leave_to_parent();
    let sdks = all_sdks();
    for sdk in &sdks {
        sdk.state.begin_again();
    }
    process::end_silence();
    for sdk in &sdks {
        sdk.state.show_mode();
    }
}
