//! What a host may ask of the running pipeline. Nobody has to: the first accepted event starts everything.

use std::time::{Duration, Instant};

use crate::{
    base::{
        ended,
        limits::CALLER_WAIT,
        process::{self, Inside},
    },
    declare::registry::all_sdks,
    host::{
        asked::ends_flush,
        flushed::{FlushError, Flushed},
    },
    pipeline,
    write::{silence, worker, writer},
};

/// Appends what was recorded so far, sends it and the backlog of earlier runs, and waits for that at most `timeout`.
///
/// Batches are tried once, oldest first, up to the first one that the server does not take; what is left stays on disk and
/// is sent later. While the server has asked for silence, or a notice was just shown, nothing is tried. `timeout` is
/// wall-clock time for the whole call.
///
/// # Errors
///
/// [`FlushError::Timeout`] if `timeout` passes first, and at once on a thread that a transport of the author's is called on; [`FlushError::Refused`] if no SDK of this program may send;
/// [`FlushError::Forked`] in a forked child that did not call [`reinit_after_fork`](crate::reinit_after_fork).
pub fn flush(timeout: Duration) -> Result<Flushed, FlushError> {
    if process::look_for_fork() {
        return Err(FlushError::Forked);
    }
    if process::is_inside() {
        return Err(FlushError::Timeout); // On a thread of ours: it would wait for itself.
    }
    flush_all(timeout)
}

/// As [`flush`], also in a process that is ours alone.
pub(crate) fn flush_all(timeout: Duration) -> Result<Flushed, FlushError> {
    let _inside = Inside::enter();
    let sdks = all_sdks();
    if let Some(ended) = ends_flush(&sdks) {
        return ended;
    }
    let sent = || sdks.iter().map(|sdk| sdk.state.ledger.counts().sent).sum::<u64>();
    let before = sent();
    if !pipeline::threads::flush(timeout) {
        return Err(FlushError::Timeout);
    }
    let waiting = sdks.iter().map(|sdk| sdk.state.ledger.waiting()).sum();
    Ok(Flushed { sent: sent() - before, waiting })
}

/// As [`flush`], and records nothing any more in this process or its children.
///
/// The threads end, and all files and connections of ours are closed, unless a request is in flight when `timeout` passes:
/// then that thread ends after its request.
///
/// # Errors
///
/// As [`flush`]; recording ends in any case.
pub fn shutdown(timeout: Duration) -> Result<Flushed, FlushError> {
    let deadline = Instant::now().checked_add(timeout);
    let waits = !process::is_inside();
    if waits {
        // Nothing stays in the queue for want of room on disk: it would end with the queue.
        worker::wait_no_more();
    }
    let flushed = flush(timeout);
    let _inside = Inside::enter();
    ended::shut_down();
    let sdks = all_sdks();
    for sdk in &sdks {
        // Not a veto: what is on disk stays there for a later run.
        silence::switch_off(*sdk);
    }
    if process::is_forked() {
        return flushed;
    }
    if waits {
        pipeline::threads::end(deadline);
    }
    for sdk in sdks {
        if let Some(mut writer) = writer::within(sdk, CALLER_WAIT) {
            writer.close(sdk);
        }
    }
    flushed
}
