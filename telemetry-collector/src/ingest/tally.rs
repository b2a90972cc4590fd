//! Counts of what was refused, between two commits: a flood of refusals does not write to the disk for each. What a crash takes
//! with it is at most a second of these counts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{clock::Day, store::Batch};

/// SDK, day of arrival, reason.
type Key = (Arc<str>, Day, &'static str);

/// What was refused. As many entries as there are SDKs and reasons.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<Key, u64>>);

impl Tally {
    /// Adds so many.
    pub(super) fn add(&self, sdk: &Arc<str>, day: Day, word: &'static str, n: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((Arc::clone(sdk), day, word)).or_default() += n;
    }

    /// All of it, as batches without events; nothing is left.
    pub(super) fn take(&self) -> Vec<Batch> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let batch = |((sdk, received, word), n)| Batch {
            sdk,
            received,
            key: None,
            is_dated: true,
            events: Vec::new(),
            outcomes: vec![(word, n)],
        };
        counts.into_iter().map(batch).collect()
    }
}
