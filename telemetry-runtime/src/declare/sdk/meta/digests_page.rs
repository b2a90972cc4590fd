//! The digests of an event in a page: the same names as in `digests.rs`, and as little of them as tells events apart, since a digest cannot be
//! packed, and each event has its own.

use telemetry_schema::{digest::sum, record};

/// What tells an event from others: the name of its SDK, and what its record says of its own.
pub(crate) type Key = (&'static str, &'static [u8]);

/// The digest of one event.
#[derive(Debug)]
pub(super) struct EventDigests {
    /// The first half of what the user must have agreed to.
    whole: u64,
}

impl EventDigests {
    /// `parts` are the digests of all that the user is told of.
    pub(super) const fn new(key: u128, parts: &[u128]) -> Self {
        Self::of(key, sum(key, parts))
    }

    /// With the sum of the parts.
    pub(super) const fn of(_key: u128, whole: u128) -> Self {
        Self { whole: (whole >> 64) as u64 }
    }

    /// What the event of an SDK with this record is known by.
    pub(super) fn key(&self, sdk: &'static str, record: &'static [u8]) -> Key {
        (sdk, record::event_names(record))
    }

    /// What the user must have agreed to: the first half of `telemetry_schema::digest` of the record, and zeros.
    pub(super) fn whole(&self) -> u128 {
        u128::from(self.whole) << 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_beginning_of_the_same_digest() {
        let page = EventDigests::new(1, &[2, 3]);
        assert_eq!(page.whole(), sum(1, &[2, 3]) >> 64 << 64);
        assert_ne!(page.whole(), EventDigests::new(1, &[2, 4]).whole());
    }

    #[test]
    fn a_page_tells_events_apart_by_their_names() {
        let key = |sdk, record: &'static str| EventDigests::new(0, &[]).key(sdk, record.as_bytes());
        let opened = r#"{"event":"opened","kind":"event","doc":"one"}"#;
        assert_eq!(key("a", opened), key("a", r#"{"event":"opened","kind":"event","doc":"two"}"#));
        assert_ne!(key("a", opened), key("b", opened));
        assert_ne!(key("a", opened), key("a", r#"{"event":"opened","discriminant":"x","kind":"event"}"#));
    }
}
