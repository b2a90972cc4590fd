//! An event that is written before the call that records it returns.

use std::sync::Arc;

use crate::{
    declare::{configuration::Configuration, sdk::Sdk},
    record::{events, queued::Queued},
    write::{
        worker,
        writer::{self, Unwritten},
    },
};

/// Appends an event, after those that were recorded before it.
pub(crate) fn append(sdk: Sdk, configuration: &Arc<Configuration>, queued: &Queued<'_>) {
    let Some((meta, event)) = events::at(queued.slot) else { return };
    worker::drain();
    let mut writer = writer::of(sdk);
    let mut unwritten = Unwritten::default();
    writer.take(meta, &event, configuration, queued, &mut unwritten);
    writer.write(sdk, &mut unwritten);
    writer.settle_counts(sdk, true);
    writer.save_memory();
    drop(writer);
    worker::wake(); // So that it is sent.
}
