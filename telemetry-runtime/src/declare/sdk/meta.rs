//! What the dispatcher knows of one event without reading its record.

pub(crate) mod declared;
#[cfg_attr(in_page, path = "meta/described_page.rs")]
mod described;
#[cfg_attr(in_page, path = "meta/digests_page.rs")]
mod digests;
#[cfg_attr(in_page, path = "meta/linked_page.rs")]
pub(crate) mod linked;
#[cfg(all(test, native))]
#[allow(dead_code, reason = "pages use it; tested where tests run")]
#[path = "meta/digests_page.rs"]
mod page_digests;

pub(crate) use self::{described::Described, digests::Key};

use std::sync::atomic::{AtomicU32, AtomicU64};

use telemetry_schema::{EventDescriptor, Kind, Throttle, Wire, node::all_texts};

use crate::{
    base::{float, limits::event_bytes, needs::Needs},
    declare::{
        configuration::Configuration,
        sampling::threshold,
        sdk::{Sdk, SdkState},
    },
};

use self::digests::EventDigests;

/// The part of an event that the caller's thread works with: a static beside the record.
///
/// In a page its fields lie as they stand here: what differs between events in one place, and no more than eight zeros in a row, or a tool that
/// shrinks modules cuts it into pieces, each with an address of its own.
#[doc(hidden)]
#[derive(Debug)]
#[cfg_attr(in_page, repr(C))]
pub struct EventMeta {
    /// What it is known by, and what the user must have agreed to.
    digests: EventDigests,
    pub(crate) record: &'static [u8],
    /// The share of machine-days on which it is recorded.
    pub(crate) sample: f64,
    /// The event is in the sample when the day's sample roll, 32 random bits, is below this.
    pub(crate) threshold: u64,
    /// 0 until the dispatcher has seen the event, then its slot in the table of events, plus flags.
    pub(crate) slot: AtomicU32,
    /// The last day on which it is recorded, in days since 1970-01-01.
    pub(crate) expires_day: u32,
    /// A hash of the event's key, where throttling starts from; set together with `slot`.
    pub(crate) seed: AtomicU64,
    pub(crate) sdk: Sdk,
    pub(crate) kind: Kind,
    /// What it needs that others do not.
    pub(crate) needs: Needs,
    pub(crate) throttle: Throttle,
}

/// The constant addresses that belong to one event.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Handle {
    /// The state of the SDK: the first question of every call is one load.
    pub state: &'static SdkState,
    /// What the dispatcher needs to know of the event.
    pub meta: &'static EventMeta,
}

impl EventMeta {
    /// As [`EventMeta::new`], which knows what the event needs.
    #[expect(clippy::too_many_arguments, reason = "a macro writes them")]
    pub(crate) const fn that_needs(
        needs: Needs,
        sdk: Sdk,
        record: &'static [u8],
        kind: Kind,
        throttle: Throttle,
        sample: f64,
        expires_day: u32,
        key: u128,
        parts: &[u128],
    ) -> Self {
        Self::with(needs, sdk, record, kind, throttle, sample, expires_day, EventDigests::new(key, parts))
    }

    #[expect(clippy::too_many_arguments, reason = "the same")]
    const fn with(
        needs: Needs,
        sdk: Sdk,
        record: &'static [u8],
        kind: Kind,
        throttle: Throttle,
        sample: f64,
        expires_day: u32,
        digests: EventDigests,
    ) -> Self {
        Self {
            sdk,
            record,
            needs,
            kind,
            // What a counter holds back is the day's event; each call is counted.
            throttle: if matches!(kind, Kind::Counter) { Throttle::None } else { throttle },
            sample,
            threshold: threshold(sample),
            expires_day,
            digests,
            slot: AtomicU32::new(0),
            seed: AtomicU64::new(0),
        }
    }
}

impl EventMeta {
    /// For tests that compare the record with what the compiler made of it.
    pub fn record(&self) -> &'static [u8] {
        self.record
    }

    /// What the user must have agreed to.
    pub fn digest(&self) -> u128 {
        self.digests.whole(self.record)
    }
}

impl EventMeta {
    /// What tells the event from others.
    pub(crate) fn key(&self) -> Key {
        self.digests.key(self.sdk.info.name, self.record)
    }

    /// What the record says; `None` if it was removed from the binary.
    pub(crate) fn described(&self) -> Option<Described> {
        // Whoever asks for a notice may be the first to ask anything.
        self.needs.note();
        described::of(self.record)
    }

    /// All that the record says; of an event of a page, what has a use there.
    pub(crate) fn descriptor(&self) -> Option<EventDescriptor> {
        self.needs.note();
        described::whole(self.record)
    }

    /// The smallest of the rates of the event, its SDK and the host.
    pub(crate) fn rate(&self, configuration: &Configuration) -> f64 {
        self.sample.min(self.sdk.info.sample).min(configuration.rate.unwrap_or(1.0)).clamp(0.0, 1.0)
    }

    /// The rate that applies, if it is below 1.
    pub(crate) fn reduced_rate(&self, configuration: &Configuration) -> Option<String> {
        let rate = self.rate(configuration);
        (rate < 1.0).then(|| float(rate))
    }
}

/// Refuses an event whose free texts alone can be longer than an event may be; else hands its key on.
pub const fn fits(wire: Wire, texts: &[usize], key: u128) -> u128 {
    fits_in(wire, all_texts(texts));
    key
}

/// As [`fits`], with the sum of the texts.
#[expect(clippy::panic, reason = "evaluated by the compiler: a compile error, not a run-time panic")]
const fn fits_in(wire: Wire, texts: usize) {
    if texts > event_bytes(wire) {
        panic!(
            "the `free_text` fields of this event can together be longer than an event may be: 32 KiB of JSON, 5 KiB with \
             `Beacon`, where each byte of text can take six; lower `max_len`"
        );
    }
}

/// Refuses a counter where a request is one event of a run, or an event has no id; else hands the event's key on.
#[expect(clippy::panic, reason = "evaluated by the compiler: a compile error, not a run-time panic")]
pub const fn may_count(wire: Wire, key: u128) -> u128 {
    if !wire.is_list() {
        panic!(
            "a counter sends events of its own when a day is over, and `Beacon` and `Report` have no place for them; \
             remove `kind = Counter`, or declare the SDK with `EventBatch {{ strict: false }}` or `Otlp`"
        );
    }
    if !wire.has_ids() {
        panic!(
            "a counter's event is sent when its day is over, days later perhaps, and a repeat of it is known by its id; events of \
             `EventBatch {{ strict: true }}` have none and wait two days at most; remove `kind = Counter`, or declare the SDK with \
             `EventBatch {{ strict: false }}` or `Otlp`"
        );
    }
    key
}
