//! The counted outcomes of every offered event.
//!
//! Two sums hold: `offered = before_notice + awaiting_consent + above_level + sampled_out + throttled + accepted`, and
//! `accepted + recovered = waiting + counted + sent + unknown + queue_full + oversize + disk + evicted + expired + corrupt +
//! rejected + conflict + vetoed + opted_out + gate_closed + other_destination`. `recovered` are events that an earlier process accepted and left on disk. `accepted` and `waiting`
//! are what remains, so the caller's thread counts any event with a single addition, in a word that it shares with no thread
//! of another shard; tests compare `waiting` with what really lies in queue and spool.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    base::{interned::shard_of, limits::QUEUE_SHARDS, process},
    count::LedgerCounts,
};

/// Makes the enum and its place in [`LedgerCounts`] from one row each, so that none can be forgotten.
macro_rules! outcomes {
    ($($(#[$doc:meta])* $outcome:ident => $count:ident,)*) => {
        /// What becomes of an offered event, apart from waiting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Outcome {
            $($(#[$doc])* $outcome,)*
        }

        impl Outcome {
            const ALL: &[Self] = &[$(Self::$outcome),*];
            const COUNT: usize = Self::ALL.len();

            /// Where it is counted.
            fn count_in(self, counts: &mut LedgerCounts) -> &mut u64 {
                match self { $(Self::$outcome => &mut counts.$count,)* }
            }
        }
    };
}

outcomes! {
    /// The user had not been told yet.
    BeforeNotice => before_notice,
    /// The event is wider than what the user was told of.
    AwaitingConsent => awaiting_consent,
    /// Its level is above the one that the user has chosen.
    AboveLevel => above_level,
    /// Not in the day's sample.
    SampledOut => sampled_out,
    /// An identical event was recorded recently.
    Throttled => throttled,
    /// It is in the count of its day, which is an event of its own.
    Counted => counted,
    /// The server confirmed it.
    Sent => sent,
    /// It may have arrived; no reply came, and it is not sent again.
    Unknown => unknown,
    /// The queue in memory was full, or the counts of the day had no room.
    QueueFull => queue_full,
    /// Larger than an event may be.
    Oversize => oversize,
    /// The spool could not be written.
    Disk => disk,
    /// The oldest of a full spool.
    Evicted => evicted,
    /// Too old to be sent.
    Expired => expired,
    /// Unreadable on disk.
    Corrupt => corrupt,
    /// The server refused it.
    Rejected => rejected,
    /// Another event has the same key, so neither is recorded.
    Conflict => conflict,
    /// Discarded by the host: its veto, a setting of its own, or `shutdown`.
    Vetoed => vetoed,
    /// Deleted by a decision of the user.
    OptedOut => opted_out,
    /// Another layer of the gate closed after the event was queued: no durable state folder, a server's 410.
    GateClosed => gate_closed,
    /// Recorded for an endpoint, an operator or a transport that this program no longer sends to.
    OtherDestination => other_destination,
}

/// What the threads of one shard count, alone in a cache line.
#[derive(Debug)]
#[repr(align(64))]
struct OfShard {
    /// Events that went into the queue, to the disk, or found no room.
    taken: AtomicU64,
    throttled: AtomicU64,
    sampled_out: AtomicU64,
}

/// The ledger of one SDK in one process.
#[derive(Debug)]
pub(crate) struct Ledger {
    shards: [OfShard; QUEUE_SHARDS],
    /// Events that ended before they were taken, apart from those that a shard counts.
    held: AtomicU64,
    recovered: AtomicU64,
    /// Accepted events that were appended to the spool.
    spooled: AtomicU64,
    /// Spooled or recovered events that came to an end.
    unspooled: AtomicU64,
    /// Events of this process that another one has ended. They stand under `waiting` here and under `recovered` there,
    /// which the sum of all rows takes from both.
    elsewhere: AtomicU64,
    /// Free texts that were replaced: faults of the program, and no end of an event.
    redacted: AtomicU64,
    outcomes: [AtomicU64; Outcome::COUNT],
}

impl Ledger {
    pub(crate) const fn new() -> Self {
        Self {
            shards: [const {
                OfShard { taken: AtomicU64::new(0), throttled: AtomicU64::new(0), sampled_out: AtomicU64::new(0) }
            }; QUEUE_SHARDS],
            held: AtomicU64::new(0),
            recovered: AtomicU64::new(0),
            spooled: AtomicU64::new(0),
            unspooled: AtomicU64::new(0),
            elsewhere: AtomicU64::new(0),
            redacted: AtomicU64::new(0),
            outcomes: [const { AtomicU64::new(0) }; Outcome::COUNT],
        }
    }

    /// Begins at zero, in a forked child: what was counted so far is its parent's.
    pub(crate) fn reset(&self) {
        let counters = [&self.held, &self.recovered, &self.spooled, &self.unspooled, &self.elsewhere, &self.redacted];
        let of_shards = self.shards.iter().flat_map(|shard| [&shard.taken, &shard.throttled, &shard.sampled_out]);
        for counter in counters.into_iter().chain(&self.outcomes).chain(of_shards) {
            counter.store(0, Ordering::SeqCst);
        }
    }

    /// An event passed gate, sampling and throttle.
    pub(crate) fn take(&self) {
        self.take_on(process::thread_number());
    }

    /// As [`Ledger::take`], by the thread with this number.
    #[inline]
    pub(crate) fn take_on(&self, thread: u32) {
        self.count_in_shard(thread, |shard| &shard.taken);
    }

    /// An event passed the gate, and an identical one was recorded recently.
    #[cfg(test)]
    pub(crate) fn throttle(&self) {
        self.throttle_on(process::thread_number());
    }

    /// As [`Ledger::throttle`], by the thread with this number.
    #[inline]
    pub(crate) fn throttle_on(&self, thread: u32) {
        self.count_in_shard(thread, |shard| &shard.throttled);
    }

    /// An event passed the gate, and is not in the day's sample.
    pub(crate) fn sample_out(&self) {
        self.count_in_shard(process::thread_number(), |shard| &shard.sampled_out);
    }

    /// An event passed the gate, and the user was not told of it, or lets less be recorded.
    pub(crate) fn hold(&self, outcome: Outcome) {
        self.held.fetch_add(1, Ordering::Relaxed);
        self.count(outcome, 1);
    }

    #[inline]
    fn count_in_shard(&self, thread: u32, counter: impl Fn(&OfShard) -> &AtomicU64) {
        if let Some(shard) = self.shards.get(shard_of(thread as usize)) {
            counter(shard).fetch_add(1, Ordering::Relaxed);
        }
    }

    fn in_shards(&self, counter: impl Fn(&OfShard) -> &AtomicU64) -> u64 {
        self.shards.iter().map(|shard| counter(shard).load(Ordering::Acquire)).sum()
    }

    /// Free texts of an event were replaced.
    pub(crate) fn redact(&self, texts: u64) {
        if texts > 0 {
            self.redacted.fetch_add(texts, Ordering::Relaxed);
        }
    }

    /// Events of an earlier process were found on disk.
    pub(crate) fn recover(&self, events: u64) {
        self.recovered.fetch_add(events, Ordering::Relaxed);
    }

    /// Accepted events are in the spool.
    pub(crate) fn spooled(&self, events: u64) {
        self.spooled.fetch_add(events, Ordering::Release);
    }

    /// Offered or recovered events came to an end.
    #[inline]
    pub(crate) fn count(&self, outcome: Outcome, events: u64) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            counter.fetch_add(events, Ordering::Release);
        }
    }

    /// How many events the server has.
    #[cfg(native)]
    pub(crate) fn sent(&self) -> u64 {
        self.outcomes.get(Outcome::Sent as usize).map_or(0, |counter| counter.load(Ordering::Acquire))
    }

    /// How many events of this process wait in truth: without those that another process has ended.
    pub(crate) fn waiting(&self) -> u64 {
        // What ended is read before what began.
        let ended: u64 = self.outcomes.iter().map(|counter| counter.load(Ordering::Acquire)).sum();
        let ended = ended + self.elsewhere.load(Ordering::Acquire);
        let begun = self.held.load(Ordering::Acquire) + self.recovered.load(Ordering::Acquire);
        (begun + self.in_shards(|shard| &shard.taken)).saturating_sub(ended)
    }

    /// The counts at this moment.
    pub(crate) fn counts(&self) -> LedgerCounts {
        // Outcomes first: an event is taken before it ends, so what remains is never negative.
        let of =
            |outcome: Outcome| self.outcomes.get(outcome as usize).map_or(0, |counter| counter.load(Ordering::Acquire));
        let mut counts = LedgerCounts::default();
        for outcome in Outcome::ALL {
            *outcome.count_in(&mut counts) = of(*outcome);
        }
        counts.recovered = self.recovered.load(Ordering::Acquire);
        counts.redacted = self.redacted.load(Ordering::Acquire);
        let (throttled, sampled_out) = (self.in_shards(|of| &of.throttled), self.in_shards(|of| &of.sampled_out));
        counts.throttled += throttled;
        counts.sampled_out += sampled_out;
        counts.offered =
            self.held.load(Ordering::Acquire) + throttled + sampled_out + self.in_shards(|shard| &shard.taken);
        let held =
            counts.before_notice + counts.awaiting_consent + counts.above_level + counts.sampled_out + counts.throttled;
        counts.accepted = counts.offered.saturating_sub(held);
        counts.waiting = (counts.accepted + counts.recovered).saturating_sub(counts.ended());
        counts
    }

    /// How many accepted events are in memory: recorded, and neither on disk nor ended. While others record it may be more
    /// than there are, and is never less.
    pub(crate) fn in_memory(&self) -> u64 {
        // What left memory is read before what entered it.
        let spooled = self.spooled.load(Ordering::Acquire);
        let ended: u64 = self.outcomes.iter().map(|counter| counter.load(Ordering::Acquire)).sum();
        let ended_on_disk = self.unspooled.load(Ordering::Acquire);
        let left = spooled + ended.saturating_sub(ended_on_disk);
        (self.held.load(Ordering::Acquire) + self.in_shards(|shard| &shard.taken)).saturating_sub(left)
    }

    /// The counts without the events in memory, which end with this process and nobody could find again: what is kept on
    /// disk. A process that is killed is then neither credited with them nor missing them, and both sums hold.
    pub(crate) fn counts_on_disk(&self) -> LedgerCounts {
        let unspooled = self.unspooled.load(Ordering::Acquire);
        let mut counts = self.counts();
        let spooled = self.spooled.load(Ordering::Acquire) + counts.recovered;
        let in_memory = counts.waiting.saturating_sub(spooled.saturating_sub(unspooled));
        counts.offered -= in_memory.min(counts.offered);
        counts.accepted -= in_memory.min(counts.accepted);
        counts.waiting -= in_memory;
        counts
    }
}

impl Ledger {
    /// Spooled or recovered events came to an end.
    pub(crate) fn count_spooled(&self, outcome: Outcome, events: u64) {
        self.count(outcome, events);
        self.unspooled.fetch_add(events, Ordering::Release);
    }

    /// Another process has ended events of this one.
    pub(crate) fn end_elsewhere(&self, events: u64) {
        self.elsewhere.fetch_add(events, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_on_disk_knows_nothing_of_memory() {
        let ledger = Ledger::new();
        for _ in 0..6 {
            ledger.take();
        }
        ledger.hold(Outcome::BeforeNotice);
        ledger.throttle();
        ledger.count(Outcome::QueueFull, 1);
        for _ in 0..3 {
            ledger.spooled(1);
        }
        ledger.recover(4);
        ledger.count_spooled(Outcome::Sent, 5);
        let (all, on_disk) = (ledger.counts(), ledger.counts_on_disk());
        assert!(all.holds() && on_disk.holds());
        // Eight were offered; two more are in the queue.
        assert_eq!((all.offered, all.accepted, all.waiting), (8, 6, 4));
        assert_eq!((on_disk.offered, on_disk.accepted, on_disk.waiting), (6, 4, 2));
        assert_eq!((on_disk.sent, on_disk.queue_full, on_disk.recovered), (5, 1, 4));
        assert_eq!(ledger.in_memory(), 2);
    }

    /// Whoever looks at any moment sees sums that hold, in memory and for the disk.
    #[test]
    fn both_sums_hold_at_any_moment() {
        let ledger = Ledger::new();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        for number in 0..20_000 {
                            match number % 6 {
                                0 => ledger.throttle(),
                                1 => ledger.sample_out(),
                                2 => ledger.hold(Outcome::AwaitingConsent),
                                3 => {
                                    ledger.take();
                                    ledger.count(Outcome::QueueFull, 1);
                                }
                                _ => {
                                    ledger.take();
                                    ledger.spooled(1);
                                    ledger.count_spooled(Outcome::Sent, 1);
                                }
                            }
                        }
                    })
                })
                .collect();
            while !writers.iter().all(|writer| writer.is_finished()) {
                let (all, on_disk) = (ledger.counts(), ledger.counts_on_disk());
                assert!(all.holds(), "{all}");
                assert!(on_disk.holds(), "{on_disk}");
            }
        });
        assert_eq!((ledger.counts().waiting, ledger.counts_on_disk().sent), (0, 19_998));
    }
}
