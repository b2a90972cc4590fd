use std::fmt;

use serde::{Deserialize, Serialize};

/// How many counts there are.
const COUNTS: usize = 22;

/// The ledger of one SDK at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LedgerCounts {
    /// Events that passed the gate.
    pub offered: u64,
    /// Of these: the user had not been told yet.
    pub before_notice: u64,
    /// Of these: wider than what the user was told of.
    pub awaiting_consent: u64,
    /// Of these: not in the day's sample.
    pub sampled_out: u64,
    /// Of these: an identical event was recorded recently.
    pub throttled: u64,
    /// Of these: the rest.
    pub accepted: u64,
    /// Events that an earlier process left on disk.
    pub recovered: u64,
    /// Of accepted and recovered events: in memory or on disk.
    pub waiting: u64,
    /// The server confirmed them.
    pub sent: u64,
    /// They may have arrived; no reply came, and they are not sent again.
    pub unknown: u64,
    /// The queue in memory was full.
    pub queue_full: u64,
    /// Larger than an event may be.
    pub oversize: u64,
    /// The spool could not be written.
    pub disk: u64,
    /// The oldest of a full spool.
    pub evicted: u64,
    /// Too old to be sent.
    pub expired: u64,
    /// Unreadable on disk.
    pub corrupt: u64,
    /// The server refused them.
    pub rejected: u64,
    /// Another event has the same key, so neither is recorded.
    pub conflict: u64,
    /// Discarded by the host: its veto, a setting of its own, or `shutdown`.
    pub vetoed: u64,
    /// Deleted by a decision of the user.
    pub opted_out: u64,
    /// Another layer of the gate closed after they were queued.
    pub gate_closed: u64,
    /// Recorded for an endpoint, an operator or a transport that this program no longer sends to.
    pub other_destination: u64,
}

impl LedgerCounts {
    /// All events that ended after they were accepted.
    pub(crate) fn ended(&self) -> u64 {
        self.ends().into_iter().sum()
    }

    fn ends(&self) -> [u64; 14] {
        let Self {
            offered: _,
            before_notice: _,
            awaiting_consent: _,
            sampled_out: _,
            throttled: _,
            accepted: _,
            recovered: _,
            waiting: _,
            sent,
            unknown,
            queue_full,
            oversize,
            disk,
            evicted,
            expired,
            corrupt,
            rejected,
            conflict,
            vetoed,
            opted_out,
            gate_closed,
            other_destination,
        } = *self;
        [
            sent,
            unknown,
            queue_full,
            oversize,
            disk,
            evicted,
            expired,
            corrupt,
            rejected,
            conflict,
            vetoed,
            opted_out,
            gate_closed,
            other_destination,
        ]
    }

    /// Whether both sums hold.
    pub(crate) fn holds(&self) -> bool {
        let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        let Self {
            offered, before_notice, awaiting_consent, sampled_out, throttled, accepted, recovered, waiting, ..
        } = *self;
        let ends = self.ends();
        sum(&[before_notice, awaiting_consent, sampled_out, throttled, accepted]) == Some(offered)
            && sum(&ends).and_then(|ended| ended.checked_add(waiting)) == accepted.checked_add(recovered)
    }

    /// The counts of both, added.
    #[must_use]
    pub(crate) fn plus(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.all_mut().into_iter().zip(other.all()) {
            *mine = mine.saturating_add(theirs);
        }
        self
    }

    /// What has been counted since `earlier`, whose events may have ended in the meantime: those that waited then are
    /// recovered ones now.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        let handed_over = earlier.waiting.saturating_sub(self.waiting);
        for (mine, theirs) in self.all_mut().into_iter().zip(earlier.all()) {
            *mine = mine.saturating_sub(theirs);
        }
        self.recovered += handed_over;
        self
    }

    /// The events that were lost, or may have been.
    #[must_use]
    pub(crate) fn losses(&self) -> Self {
        let Self { unknown, queue_full, oversize, disk, evicted, expired, corrupt, rejected, .. } = *self;
        Self { unknown, queue_full, oversize, disk, evicted, expired, corrupt, rejected, ..Self::default() }
    }

    /// The smaller one of each count.
    #[must_use]
    pub(crate) fn at_most(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.all_mut().into_iter().zip(other.all()) {
            *mine = theirs.min(*mine);
        }
        self
    }

    /// Counts of several processes as those of one: what one has left and another has recovered is neither.
    #[must_use]
    pub(crate) fn net(mut self) -> Self {
        let handed_over = self.waiting.min(self.recovered);
        self.waiting -= handed_over;
        self.recovered -= handed_over;
        self
    }

    fn all(&self) -> [u64; COUNTS] {
        self.named().map(|(_, count)| count)
    }

    /// In the order of [`Self::named`].
    fn all_mut(&mut self) -> [&mut u64; COUNTS] {
        let Self {
            offered,
            before_notice,
            awaiting_consent,
            sampled_out,
            throttled,
            accepted,
            recovered,
            waiting,
            sent,
            unknown,
            queue_full,
            oversize,
            disk,
            evicted,
            expired,
            corrupt,
            rejected,
            conflict,
            vetoed,
            opted_out,
            gate_closed,
            other_destination,
        } = self;
        [
            offered,
            before_notice,
            awaiting_consent,
            sampled_out,
            throttled,
            accepted,
            recovered,
            waiting,
            sent,
            unknown,
            queue_full,
            oversize,
            disk,
            evicted,
            expired,
            corrupt,
            rejected,
            conflict,
            vetoed,
            opted_out,
            gate_closed,
            other_destination,
        ]
    }

    fn named(&self) -> [(&'static str, u64); COUNTS] {
        [
            ("offered", self.offered),
            ("before_notice", self.before_notice),
            ("awaiting_consent", self.awaiting_consent),
            ("sampled_out", self.sampled_out),
            ("throttled", self.throttled),
            ("accepted", self.accepted),
            ("recovered", self.recovered),
            ("waiting", self.waiting),
            ("sent", self.sent),
            ("unknown", self.unknown),
            ("queue_full", self.queue_full),
            ("oversize", self.oversize),
            ("disk", self.disk),
            ("evicted", self.evicted),
            ("expired", self.expired),
            ("corrupt", self.corrupt),
            ("rejected", self.rejected),
            ("conflict", self.conflict),
            ("vetoed", self.vetoed),
            ("opted_out", self.opted_out),
            ("gate_closed", self.gate_closed),
            ("other_destination", self.other_destination),
        ]
    }
}

impl fmt::Display for LedgerCounts {
    /// The counts that are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = self.named().into_iter().filter(|(_, count)| *count > 0).peekable();
        if counts.peek().is_none() {
            return f.write_str("no events");
        }
        for (number, (name, count)) in counts.enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> LedgerCounts {
        LedgerCounts {
            offered: 20,
            throttled: 5,
            sampled_out: 3,
            accepted: 12,
            recovered: 4,
            waiting: 6,
            sent: 7,
            disk: 3,
            ..LedgerCounts::default()
        }
    }

    #[test]
    fn the_sums_are_seen_to_hold_or_not() {
        assert!(counts().holds() && LedgerCounts::default().holds());
        for wrong in 0..COUNTS {
            let mut counts = counts();
            *counts.all_mut()[wrong] += 1;
            assert!(!counts.holds(), "{}", counts.named()[wrong].0);
            *counts.all_mut()[wrong] = u64::MAX;
            assert!(!counts.holds(), "{}", counts.named()[wrong].0);
        }
    }

    #[test]
    fn sums_differences_and_hand_overs_hold_as_well() {
        let twice = counts().plus(&counts());
        assert!(twice.holds());
        assert_eq!(twice.since(&counts()), counts());
        assert_eq!((twice.net().waiting, twice.net().recovered, twice.net().holds()), (4, 0, true));
        // Two of those that waited have been sent since, and nothing else happened.
        let later = LedgerCounts { waiting: 4, sent: 9, ..counts() };
        let since = later.since(&counts());
        assert_eq!((since.recovered, since.sent, since.waiting, since.holds()), (2, 2, 0, true));
    }
}
