//! The threads behind the pipeline: who starts them, waits for them and ends them.

use std::time::{Duration, Instant};

use crate::{
    base::{flushes::FLUSHES, limits::END_POLL},
    declare::sdk::Sdk,
    record::waiting::QUEUE,
    send::threads,
    write::{worker, worker_thread, writer},
};

/// In a forked child, before it records for itself: what is queued and what runs is the parent's.
pub(crate) fn leave_to_parent() {
    QUEUE.abandon();
    worker_thread::leave_to_parent();
}

/// Makes ready what the first event needs: whoever starts the worker has said who sends.
pub(crate) fn begin() {
    worker::hand_over_to(worker::Senders { notify: threads::notify, serves: threads::serves });
}

/// Appends and offers to the server everything that was recorded so far; waits at most `timeout`. Returns whether both
/// came to an end in time.
pub(crate) fn flush(timeout: Duration) -> bool {
    begin();
    worker::flush(timeout)
}

/// After `shutdown`: ends all threads and waits for that at most until `deadline`; then takes from the queue what came
/// meanwhile.
pub(crate) fn end(deadline: Option<Instant>) {
    worker::end();
    threads::end();
    // Each thread asks under its own lock, and no two are held at once; the poll covers what falls between them.
    while !(worker_thread::has_ended() && threads::has_ended()) {
        let left = worker::left_until(deadline).min(END_POLL);
        if left.is_zero() {
            return;
        }
        let tickets = FLUSHES.lock();
        let _ = FLUSHES.changed.wait_timeout(tickets, left);
    }
    worker::drain_rest();
}

/// The clocks were moved: all threads look what is due now.
#[cfg(feature = "testing")]
pub(crate) fn clock_moved() {
    worker::clock_moved();
    threads::clock_moved();
}

/// What tells SDKs of one name apart: an SDK is known by its name and this.
pub(crate) fn identity(sdk: Sdk) -> String {
    telemetry_spool::identity(&writer::destination(sdk))
}
