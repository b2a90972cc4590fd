//! What a host asks of all SDKs at once, in a program and in a page.

use telemetry_schema::order;

use crate::{
    base::process::Inside,
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    host::{
        flushed::{FlushError, Flushed},
        status::Status,
    },
    record::{debug, mode},
};

/// Asks the gate for whoever was not asked yet, and has debug mode print what it holds. With what a flush ends where none of them
/// may record; `None` where it goes on.
pub(super) fn ends_flush(sdks: &[Sdk]) -> Option<Result<Flushed, FlushError>> {
    let (mut open, mut is_debug) = (false, false);
    for sdk in sdks {
        let mode = match sdk.state.resting_mode() {
            Mode::Undecided => mode::decide(*sdk),
            mode => mode,
        };
        match mode {
            Mode::Pending | Mode::On | Mode::AwaitingNotice => open = true,
            Mode::Debug => {
                is_debug = true;
                if let Some(debug) = debug::needed() {
                    (debug.flush)(*sdk);
                }
            }
            _ => {}
        }
    }
    // Debug mode has printed everything already.
    let ended = if is_debug { Ok(Flushed { sent: 0, waiting: 0 }) } else { Err(FlushError::Refused) };
    (!open).then_some(ended)
}

/// The status of every SDK in this program, by name.
pub fn status() -> Vec<Status> {
    let _inside = Inside::enter();
    let mut all: Vec<_> = all_sdks().into_iter().map(|sdk| sdk.status()).collect();
    order::sort_by_key(&mut all, |status| status.sdk.clone());
    all
}
