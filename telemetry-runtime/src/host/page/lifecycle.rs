//! What a host may ask of the running pipeline of a page; the same names as in `lifecycle.rs`. Nobody has to.

use std::time::Duration;

use crate::{
    base::{
        ended,
        process::{self, Inside},
    },
    declare::{registry::all_sdks, sdk::Sdk},
    host::{
        asked::ends_flush,
        flushed::{FlushError, Flushed},
    },
    pipeline,
    write::{silence, worker},
};

/// Writes what was recorded so far and hands it to the browser. A page cannot wait, so the answer of the server comes later, and
/// `timeout` means nothing.
///
/// # Errors
///
/// [`FlushError::Timeout`] if anything is on its way, or waits until the breaker lets it go, and at once where a function of the browser that the
/// host has replaced is called by us and calls this; [`FlushError::Refused`] if no SDK of this page may send.
pub fn flush(_timeout: Duration) -> Result<Flushed, FlushError> {
    if process::is_inside() {
        return Err(FlushError::Timeout);
    }
    let _inside = Inside::enter();
    let sdks = all_sdks();
    if let Some(ended) = ends_flush(&sdks) {
        return ended;
    }
    pipeline::threads::begin();
    worker::hand_over();
    let waits = |sdk: &Sdk| sdk.state.ledger.waiting() > 0;
    if sdks.iter().any(waits) { Err(FlushError::Timeout) } else { Ok(Flushed { sent: 0, waiting: 0 }) }
}

/// As [`flush`], and records nothing any more in this page. What is not sent is left to the next one.
///
/// # Errors
///
/// As [`flush`]; recording ends in any case.
pub fn shutdown(timeout: Duration) -> Result<Flushed, FlushError> {
    let flushed = flush(timeout);
    let _inside = Inside::enter();
    worker::leave();
    ended::shut_down();
    for sdk in all_sdks() {
        silence::switch_off(sdk);
    }
    flushed
}
