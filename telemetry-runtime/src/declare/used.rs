//! The events that were used in this process, for readers that may take no lock.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    base::process::{self, List},
    declare::sdk::meta::{Described, EventMeta},
};

/// All entries. A child of a fork makes its table from it.
static USED: List<Used> = List::new();

/// An event that was used.
#[derive(Debug)]
pub(crate) struct Used {
    pub(crate) meta: &'static EventMeta,
    /// What its record says; `None` if the record is damaged or was removed.
    pub(crate) descriptor: Option<Arc<Described>>,
}

/// Adds an event, once; the caller sees to that.
pub(crate) fn push(used: Used) -> &'static Used {
    static REGISTERED: AtomicBool = AtomicBool::new(false);
    if !REGISTERED.swap(true, Ordering::AcqRel) {
        process::on_fork(fall_silent);
    }
    USED.push(used)
}

/// All entries, the newest first. Takes no lock.
pub(crate) fn entries() -> impl Iterator<Item = &'static Used> {
    USED.iter()
}

/// All events that were used so far.
pub(crate) fn metas() -> impl Iterator<Item = &'static EventMeta> {
    USED.iter().map(|used| used.meta)
}

/// In the child of a fork: silences all SDKs that were in use. Signal-safe.
fn fall_silent() {
    for meta in metas() {
        meta.sdk.state.fall_silent();
    }
}
