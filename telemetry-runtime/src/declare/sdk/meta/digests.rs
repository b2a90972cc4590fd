//! The digests of an event, made by the compiler.

use telemetry_schema::digest::sum;

/// What tells an event from others.
pub(crate) type Key = u128;

/// The digests of one event.
#[derive(Debug)]
pub(super) struct EventDigests {
    /// That of the key: what the event's name, its discriminant and the name of its SDK have in common.
    key: Key,
    /// That of what the user must have agreed to.
    whole: u128,
}

impl EventDigests {
    /// `parts` are the digests of all that the user is told of.
    pub(super) const fn new(key: u128, parts: &[u128]) -> Self {
        Self::of(key, sum(key, parts))
    }

    /// With the sum of the parts.
    pub(super) const fn of(key: u128, whole: u128) -> Self {
        Self { key, whole }
    }

    /// What the event of an SDK with this record is known by.
    pub(super) fn key(&self, _sdk: &'static str, _record: &'static [u8]) -> Key {
        self.key
    }

    /// What the user must have agreed to: `telemetry_schema::digest` of the record.
    pub(super) fn whole(&self, _record: &'static [u8]) -> u128 {
        self.whole
    }
}
