//! Frozen batches: which events go into one request, and the file that keeps them together until it is answered.

use std::{collections::BTreeMap, io};

use telemetry_schema::Wire;

use super::{
    day_of,
    dir::{self, Dir},
    frame::{BATCH_MAGIC, Frame, Head, SEGMENT_MAGIC, head, header},
    frames::{Frames, contents},
    names::{Kind, Name, STAGED},
    place::{self, Held},
};
use crate::pipeline::limits::{BATCH_BYTES, batch_events, kept_days};

/// One upload. Its key and its events stay the same over attempts and restarts.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) held: Held,
    wire: Wire,
    day: u32,
    /// The days of its oldest and its newest event.
    oldest: u32,
    newest: u32,
    bytes: Vec<u8>,
}

/// How old the events of a batch are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// All may be sent.
    Young,
    /// Some are too old.
    Mixed,
    /// All are too old.
    Over,
}

/// Why a file is no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoBatch {
    /// A later version of this crate wrote it, or the disk could not be read just now.
    LeaveAlone,
    /// It is damaged as a whole.
    Corrupt,
}

impl Batch {
    /// Reads the file.
    pub(super) fn load(held: Held) -> Result<Self, (Held, NoBatch)> {
        let Some(bytes) = place::read(&held.file) else { return Err((held, NoBatch::LeaveAlone)) };
        if head(&bytes, BATCH_MAGIC) == Head::Newer {
            return Err((held, NoBatch::LeaveAlone));
        }
        let Some((wire, day)) = Frames::of_file(&bytes, BATCH_MAGIC).next().map(|frame| (frame.wire, frame.day)) else {
            return Err((held, NoBatch::Corrupt));
        };
        let days = || Frames::of_file(&bytes, BATCH_MAGIC).map(|frame| frame.day);
        let (oldest, newest) = (days().min().unwrap_or(day), days().max().unwrap_or(day));
        Ok(Self { held, wire, day, oldest, newest, bytes })
    }

    /// The idempotency key.
    pub(crate) fn key(&self) -> &str {
        self.held.name.stem()
    }

    /// The wire that the events were rendered for.
    pub(crate) fn wire(&self) -> Wire {
        self.wire
    }

    /// The UTC day of the events on a wire without time, in days since 1970-01-01.
    pub(crate) fn day(&self) -> u32 {
        self.day
    }

    /// The events that can be read.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        Frames::of_file(&self.bytes, BATCH_MAGIC).filter(|frame| frame.wire == self.wire)
    }

    /// All events that the ledger knows to be in it, damaged ones included.
    pub(super) fn events(&self) -> u64 {
        self.held.events.unwrap_or_else(|| {
            let (frames, damaged) = contents(&self.bytes, BATCH_MAGIC);
            frames.len() as u64 + damaged
        })
    }

    /// Notes one more attempt; `ambiguous` if it may have arrived.
    pub(crate) fn attempted(&mut self, ambiguous: bool) {
        self.held.attempts = self.held.attempts.saturating_add(1);
        self.held.ambiguous |= ambiguous;
    }

    /// Whether the events are too old to be sent.
    pub(super) fn age(&self, unix_ms: u64) -> Age {
        match [self.oldest, self.newest].map(|day| is_expired(self.wire, day, unix_ms)) {
            [_, true] => Age::Over,
            [true, false] => Age::Mixed,
            [false, false] => Age::Young,
        }
    }
}

/// Whether an event of `day` is too old for `wire`. Events from the future are new: clocks are set back.
pub(super) fn is_expired(wire: Wire, day: u32, unix_ms: u64) -> bool {
    day_of(unix_ms).saturating_sub(day) > kept_days(wire)
}

/// The events of a group of segments, arranged.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// One list per request.
    pub(super) batches: Vec<Vec<Frame<'a>>>,
    /// What is more than `max_batches`.
    pub(super) rest: Vec<Frame<'a>>,
}

/// Arranges events into at most `max_batches` requests, in their order. A wire without time gets one day per request.
pub(super) fn plan<'a>(wire: Wire, frames: impl Iterator<Item = Frame<'a>>, max_batches: usize) -> Plan<'a> {
    let mut days: BTreeMap<u32, Vec<Frame<'a>>> = BTreeMap::new();
    for frame in frames {
        let day = if wire.has_ids() { 0 } else { frame.day };
        days.entry(day).or_default().push(frame);
    }
    let mut plan = Plan::default();
    for frames in days.into_values() {
        let mut open = Vec::new();
        let mut bytes = 0;
        for frame in frames {
            let len = frame.json.len() + 1; // The comma.
            if !open.is_empty() && (open.len() >= batch_events(wire) || bytes + len > BATCH_BYTES) {
                plan.batches.push(std::mem::take(&mut open));
                bytes = 0;
            }
            bytes += len;
            open.push(frame);
        }
        plan.batches.push(open);
    }
    let rest = plan.batches.split_off(plan.batches.len().min(max_batches));
    plan.rest = rest.into_iter().flatten().collect();
    plan
}

/// Writes events to the staged form of `name`, durably.
pub(super) fn stage(dir: &Dir, name: &Name, own: bool, frames: &[Frame<'_>]) -> io::Result<Held> {
    let staged = Name::parse(&format!("{}{STAGED}", name.as_str())).ok_or(io::ErrorKind::Other)?;
    let mut held = place::create(dir, staged)?;
    let magic = if name.kind() == Kind::Batch { BATCH_MAGIC } else { SEGMENT_MAGIC };
    let mut bytes = header(magic, u32::try_from(frames.len()).unwrap_or(0)).to_vec();
    (0..).zip(frames).for_each(|(number, frame)| frame.write_to(number, &mut bytes));
    if let Err(error) = dir::append_all(&mut held.file, &bytes).and_then(|()| held.file.sync_data()) {
        let _ = dir.remove(held.name.as_str());
        return Err(error);
    }
    held.bytes = bytes.len() as u64;
    held.events = Some(frames.len() as u64);
    held.own = own;
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::limits::BATCH_EVENTS;

    fn frames(count: usize, json: &'static [u8]) -> impl Iterator<Item = Frame<'static>> {
        let wire = Wire::EventBatch { strict: true };
        (0..count).map(move |number| Frame { day: (number % 2) as u32, digest: [0; 16], wire, json })
    }

    fn sizes(plan: &Plan<'_>) -> Vec<usize> {
        plan.batches.iter().map(Vec::len).collect()
    }

    #[test]
    fn events_with_ids_share_a_batch_over_days() {
        let wire = Wire::EventBatch { strict: false };
        assert_eq!(sizes(&plan(wire, frames(250, b"{}"), 99)), [BATCH_EVENTS, BATCH_EVENTS, 50]);
    }

    #[test]
    fn events_without_time_are_apart_by_day() {
        let plan = plan(Wire::EventBatch { strict: true }, frames(250, b"{}"), 99);
        assert_eq!(sizes(&plan), [100, 25, 100, 25]);
        assert!(plan.batches.iter().all(|batch| batch.iter().all(|frame| frame.day == batch[0].day)));
    }

    #[test]
    fn a_bare_payload_travels_alone() {
        for wire in [Wire::Beacon, Wire::Report] {
            assert_eq!(sizes(&plan(wire, frames(3, b"{}"), 99)), [1, 1, 1]);
        }
    }

    #[test]
    fn bytes_bound_a_batch_too() {
        let json: &'static [u8] = Box::leak(vec![b'x'; 30 * 1024].into_boxed_slice());
        let plan = plan(Wire::EventBatch { strict: false }, frames(20, json), 99);
        assert_eq!(sizes(&plan), [8, 8, 4]);
    }

    #[test]
    fn what_is_too_much_is_left_over() {
        let plan = plan(Wire::Report, frames(20, b"{}"), 16);
        assert_eq!((plan.batches.len(), plan.rest.len()), (16, 4));
    }

    #[test]
    fn events_expire_by_whole_days_and_never_early() {
        let strict = Wire::EventBatch { strict: true };
        let hours = |hours: u64| hours * 60 * 60 * 1000;
        // Recorded in the last minute of day 10: 48 hours later it is day 12, and not before day 13 surely over.
        assert!(!is_expired(strict, 10, hours(12 * 24 + 23)));
        assert!(is_expired(strict, 10, hours(13 * 24)));
        assert!(!is_expired(Wire::EventBatch { strict: false }, 10, hours(24 * 24)));
        assert!(is_expired(Wire::EventBatch { strict: false }, 10, hours(25 * 24)));
        assert!(!is_expired(strict, 10, 0), "the clock was set back");
    }
}
