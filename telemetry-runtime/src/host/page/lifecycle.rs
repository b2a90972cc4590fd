//! What a host may ask of the running pipeline of a page; the same names as in `lifecycle.rs`. Nobody has to.

use std::time::Duration;

use crate::{
    base::{ended, process::Inside},
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    host::{
        flushed::{FlushError, Flushed},
        status::Status,
    },
    pipeline,
    record::{debug, mode},
    write::{silence, worker},
};

/// Writes what was recorded so far and hands it to the browser. A page cannot wait, so the answer of the server comes later, and
/// `timeout` means nothing.
///
/// # Errors
///
/// [`FlushError::Timeout`] if anything is on its way, or waits until the breaker lets it go; [`FlushError::Refused`] if no SDK of this page
/// may send.
pub fn flush(_timeout: Duration) -> Result<Flushed, FlushError> {
    let _inside = Inside::enter();
    let sdks = all_sdks();
    let (mut open, mut debug) = (false, false);
    for sdk in &sdks {
        let mode = match sdk.state.resting_mode() {
            Mode::Undecided => mode::decide(*sdk),
            mode => mode,
        };
        match mode {
            Mode::Pending | Mode::On | Mode::AwaitingNotice => open = true,
            Mode::Debug => {
                debug = true;
                debug::flush(*sdk);
            }
            _ => {}
        }
    }
    if !open {
        // Debug mode has printed everything already.
        return if debug { Ok(Flushed { sent: 0, waiting: 0 }) } else { Err(FlushError::Refused) };
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

/// The status of every SDK in this page, by name.
pub fn status() -> Vec<Status> {
    let _inside = Inside::enter();
    let mut all: Vec<_> = all_sdks().into_iter().map(|sdk| sdk.status()).collect();
    all.sort_by(|a, b| a.sdk.cmp(&b.sdk));
    all
}
