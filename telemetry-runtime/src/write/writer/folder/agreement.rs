//! How what the user was told compares with what this program can record.

#[cfg(all(test, unix))]
#[path = "agreement/histories.rs"]
mod histories;

use std::sync::Arc;

use telemetry_schema::{Level, cut};
use telemetry_spool::Digest;

use crate::base::collections::{BTreeMap, HashSet};
use crate::{
    decide::notice::{AgreedSet, Wanted},
    write::files::told_file::Told,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    /// The user was told nothing, or of another destination: all events wait, and none is named.
    pub(crate) untold: bool,
    /// Keys of events that are new or wider, and what is new about each.
    pub(crate) awaiting_consent: BTreeMap<String, String>,
    /// All events that may be sent: those of this program that were told, and what other versions of it were.
    pub(crate) agreed: Arc<Agreed>,
    /// Events that no telling named as they are, and whose parts one has named all the same.
    pub(crate) by_parts: bool,
}

/// The digests of events that may be sent.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// All events of this program, by their digests, where the user was told of all: none of them is copied.
    linked: Arc<Vec<Wanted>>,
    /// Others.
    told: HashSet<Digest>,
    /// Those of this program of a level above the one that the user has chosen: they may not, whoever was told of them.
    above: HashSet<Digest>,
}

impl Agreed {
    pub(crate) fn contains(&self, digest: &Digest) -> bool {
        let number = u128::from_be_bytes(*digest);
        if self.above.contains(digest) {
            return false;
        }
        self.told.contains(digest) || self.linked.binary_search_by_key(&number, |event| event.digest()).is_ok()
    }
}

impl Agreement {
    pub(crate) fn of(wanted: &AgreedSet, told: &Told, level: Level) -> Self {
        let mut agreed = Agreed { told: told.digests(), above: above(wanted, level), ..Agreed::default() };
        let fitting = told.fitting(&wanted.sdk);
        let mut agreement = Self { untold: fitting.is_empty(), ..Self::default() };
        if agreement.untold {
            // No record has to be read: there may be ten thousand.
        } else if fitting.has_all(wanted.all()) {
            agreed.linked = Arc::clone(&wanted.events);
        } else {
            for event in wanted.events.iter().filter(|event| !fitting.has(event.digest())) {
                let parts = event.parts();
                if fitting.covers(&parts) {
                    agreement.by_parts = true;
                    agreed.told.insert(event.digest().to_be_bytes());
                } else {
                    agreement.awaiting_consent.insert(event.key(), fitting.whats_new(&parts));
                }
            }
        }
        agreement.agreed = Arc::new(agreed);
        agreement
    }

    /// As if the user had been told of everything.
    pub(crate) fn complete(wanted: &AgreedSet, told: &Told, level: Level) -> Self {
        let agreed = Agreed { linked: Arc::clone(&wanted.events), told: told.digests(), above: above(wanted, level) };
        Self { agreed: Arc::new(agreed), ..Self::default() }
    }

    pub(crate) fn is_complete(&self) -> bool {
        !self.untold && self.awaiting_consent.is_empty()
    }

    /// The keys of the events that wait, and what is new about each.
    pub(crate) fn awaiting(&self) -> Vec<String> {
        self.awaiting_consent.iter().map(|(key, what)| format!("{key} ({what})")).collect()
    }

    /// What is new since the user was last told, one text per event; empty where they were told nothing.
    pub(crate) fn news(&self) -> Vec<String> {
        self.awaiting_consent.iter().map(|(key, what)| format!("{} ({what})", event_of(key))).collect()
    }
}

/// The events of this program that are recorded from a higher level on.
fn above(wanted: &AgreedSet, level: Level) -> HashSet<Digest> {
    if level == Level::Usage {
        return HashSet::new(); // All of it: no record has to be read.
    }
    let above = wanted.events.iter().filter(|event| event.level() > level);
    above.map(|event| event.digest().to_be_bytes()).collect()
}

/// A key without the SDK's name.
fn event_of(key: &str) -> &str {
    cut::once(key, b'/').map_or(key, |(_, event)| event)
}
