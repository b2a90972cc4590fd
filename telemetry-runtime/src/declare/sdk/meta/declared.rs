//! What generated code says of an event that is a struct, in one constant: the compiler checks each constant by itself.

use telemetry_schema::{
    Kind, Throttle,
    digest::{combine, event_key, sum},
    node::EventText,
};

use super::{EventMeta, digests::EventDigests, fits_in, may_count};
use crate::{base::needs::Needs, declare::sdk::Sdk};

/// The name of an event.
#[doc(hidden)]
#[derive(Debug)]
pub enum EventName {
    /// As its author wrote it, and its digest.
    Written(&'static str, u128),
    /// In all cases, and their digests; the SDK says which.
    Spelled(&'static [&'static str; 8], &'static [u128; 8]),
}

/// An event.
#[doc(hidden)]
#[derive(Debug)]
pub struct Declared {
    /// Whose it is.
    pub sdk: Sdk,
    /// Its name.
    pub name: EventName,
    /// Its record.
    pub text: EventText,
    /// The digest of the name of each field, as they stand in the record; 0 for a text that is no field.
    pub keys: &'static [u128],
    /// The digests of all else that the user is told of.
    pub told: &'static [u128],
    /// What it is.
    pub kind: Kind,
    /// How often it is recorded.
    pub throttle: Throttle,
    /// The share of machine-days on which it is recorded.
    pub sample: f64,
    /// The last day on which it is recorded, in days since 1970-01-01.
    pub expires_day: u32,
}

impl Declared {
    /// The length of the record in bytes.
    #[expect(clippy::len_without_is_empty, reason = "the size of an array, never a question of emptiness")]
    pub const fn len(&self) -> usize {
        self.text.len(self.sdk.info.name, self.name().0)
    }

    /// The record, of that length.
    pub const fn record<const N: usize>(&self) -> [u8; N] {
        self.text.fill(self.sdk.info.name, self.name().0)
    }

    /// As [`Declared::meta`], which knows what the event needs.
    pub(crate) const fn meta_that_needs(&self, needs: Needs, record: &'static [u8]) -> EventMeta {
        let info = self.sdk.info;
        let key = event_key(info.name_digest, self.name().1, 0);
        if matches!(self.kind, Kind::Counter) {
            may_count(info.wire, key);
        }
        let (mut keys, mut fields) = (self.keys, self.text.fields);
        let (mut whole, mut texts) = (sum(key, self.told), 0_usize);
        while let ([name, other_names @ ..], [field, other_fields @ ..]) = (keys, fields) {
            if *name != 0 {
                whole = whole.wrapping_add(combine(key, combine(*name, field.digest())));
                texts = texts.saturating_add(field.texts());
            }
            (keys, fields) = (other_names, other_fields);
        }
        fits_in(info.wire, texts);
        let digests = EventDigests::of(key, whole);
        EventMeta::with(needs, self.sdk, record, self.kind, self.throttle, self.sample, self.expires_day, digests)
    }

    /// The name and its digest.
    const fn name(&self) -> (&'static str, u128) {
        match self.name {
            EventName::Written(name, digest) => (name, digest),
            EventName::Spelled(names, digests) => {
                let case = self.sdk.info.event_case;
                (case.pick(names), case.pick(digests))
            }
        }
    }
}
