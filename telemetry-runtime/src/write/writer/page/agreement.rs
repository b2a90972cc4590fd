//! How what the user was told compares with what this page can record; the same names as in `folder/agreement.rs`. A page has few events, and
//! tells each as a whole.

use std::sync::Arc;

use telemetry_schema::{Level, cut};
use telemetry_spool::Digest;

use crate::base::collections::HashSet;
use crate::{decide::notice::AgreedSet, write::files::told_file::Told};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    /// The user was told nothing, or of another destination: all events wait, and none is named.
    pub(crate) untold: bool,
    /// Keys of events that are new.
    pub(crate) awaiting_consent: HashSet<String>,
    /// All events that may be sent: those of this page that were told, and what other versions of it were.
    pub(crate) agreed: Arc<Agreed>,
}

/// The digests of events that may be sent.
#[derive(Debug, Default)]
pub(crate) struct Agreed(Vec<u128>);

impl Agreed {
    /// Without those of a level above the one that the user has chosen: they may not, whoever was told of them.
    fn of(wanted: &AgreedSet, mut digests: Vec<u128>, level: Level) -> Arc<Self> {
        let is_above =
            |digest: u128| wanted.events.iter().any(|event| event.digest() == digest && event.level() > level);
        digests.retain(|digest| !is_above(*digest));
        Arc::new(Self(digests))
    }

    pub(crate) fn contains(&self, digest: &Digest) -> bool {
        self.0.contains(&u128::from_be_bytes(*digest))
    }
}

impl Agreement {
    pub(crate) fn of(wanted: &AgreedSet, told: &Told, level: Level) -> Self {
        let fitting = told.fitting(&wanted.sdk);
        let is_new = |digest: u128| !fitting.is_empty() && !fitting.has(digest);
        let new = wanted.events.iter().filter(|event| is_new(event.digest()));
        let awaiting_consent = new.map(|event| event.key()).collect();
        Self { untold: fitting.is_empty(), awaiting_consent, agreed: Agreed::of(wanted, told.digests(), level) }
    }

    /// As if the user had been told of everything.
    pub(crate) fn complete(wanted: &AgreedSet, told: &Told, level: Level) -> Self {
        let mut digests = told.digests();
        digests.extend(wanted.events.iter().map(|event| event.digest()));
        Self { agreed: Agreed::of(wanted, digests, level), ..Self::default() }
    }

    pub(crate) fn is_complete(&self) -> bool {
        !self.untold && self.awaiting_consent.is_empty()
    }

    /// The keys of the events that wait, and what is new about each.
    pub(crate) fn awaiting(&self) -> Vec<String> {
        self.awaiting_consent.iter().map(|key| cut::joined(&[key, NEW])).collect()
    }

    /// What is new since the user was last told, one text per event; empty where they were told nothing.
    pub(crate) fn news(&self) -> Vec<String> {
        self.awaiting_consent.iter().map(|key| cut::joined(&[event_of(key), NEW])).collect()
    }
}

/// Nothing of it was told.
const NEW: &str = " (new)";

/// A key without the SDK's name.
fn event_of(key: &str) -> &str {
    cut::once(key, b'/').map_or(key, |(_, event)| event)
}
