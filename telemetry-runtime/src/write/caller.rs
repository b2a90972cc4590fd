//! An event that is written by the thread that records it.

use std::{sync::Arc, time::Instant};

use telemetry_schema::WriteOn;

use crate::{
    base::limits::CALLER_WAIT,
    count::ledger::Outcome,
    declare::{configuration::Configuration, sdk::Sdk},
    record::{events, queued::Queued},
    write::{
        worker,
        writer::{self, Due, Unwritten},
    },
};

/// Appends an event on the thread that recorded it, after those that this thread has recorded before it.
pub(crate) fn append(sdk: Sdk, configuration: &Arc<Configuration>, queued: &Queued<'_>) {
    let Some((meta, event)) = events::at(queued.slot) else { return };
    let due = Due { memory: true, ledger: false };
    let saves = {
        let begun = Instant::now();
        // This event is in memory itself.
        if sdk.info.write_on == WriteOn::Worker && sdk.state.ledger.in_memory() > 1 {
            // Half of the time: what comes of the turn of others must not cost this one its own.
            worker::append_queued(begun + CALLER_WAIT / 2);
        }
        let Some(mut writer) = writer::within(sdk, CALLER_WAIT.saturating_sub(begun.elapsed())) else {
            // Its holder is stuck, or was lost in a fork. The host's thread must not be lost with it.
            return sdk.state.ledger.count(Outcome::Disk, 1);
        };
        let mut unwritten = Unwritten::default();
        writer.take(meta, &event, configuration, queued, &mut unwritten);
        writer.write(sdk, &mut unwritten);
        writer.settle_counts(sdk, false);
        writer.saves(sdk, due)
    };
    // The worker may never come to it: what this call changed is saved before it returns.
    if let Some(saves) = saves {
        saves.write(sdk, due, Some(CALLER_WAIT));
    }
    worker::wake(); // So that it is sent while the program runs.
}
