use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes the counts, and every walk over them, from one row each. `ends` are those of accepted events, `faults` those of the program.
macro_rules! counts {
    (before: { $($(#[$doc:meta])* $count:ident,)* } ends: { $($(#[$doc_of_end:meta])* $end:ident,)* } faults: { $($(#[$doc_of_fault:meta])* $fault:ident,)* }) => {
        /// The ledger of one SDK at one moment.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct LedgerCounts {
            $($(#[$doc])* pub $count: u64,)*
            $($(#[$doc_of_end])* pub $end: u64,)*
            $($(#[$doc_of_fault])* pub $fault: u64,)*
        }

        /// How many counts there are.
        const COUNTS: usize = [$(stringify!($count),)* $(stringify!($end),)* $(stringify!($fault),)*].len();

        impl LedgerCounts {
            fn ends(&self) -> [u64; [$(stringify!($end)),*].len()] {
                [$(self.$end),*]
            }

            pub(super) fn named(&self) -> [(&'static str, u64); COUNTS] {
                [$((stringify!($count), self.$count),)* $((stringify!($end), self.$end),)* $((stringify!($fault), self.$fault),)*]
            }

            /// In the order of [`Self::named`].
            pub(super) fn all_mut(&mut self) -> [&mut u64; COUNTS] {
                [$(&mut self.$count,)* $(&mut self.$end,)* $(&mut self.$fault,)*]
            }
        }
    };
}

counts! {
    before: {
        /// Events that passed the gate.
        offered,
        /// Of these: the user had not been told yet.
        before_notice,
        /// Of these: wider than what the user was told of.
        awaiting_consent,
        /// Of these: of a level above the one that the user has chosen.
        above_level,
        /// Of these: not in the day's sample.
        sampled_out,
        /// Of these: an identical event was recorded recently.
        throttled,
        /// Of these: the rest.
        accepted,
        /// Events that an earlier process left on disk.
        recovered,
        /// Of accepted and recovered events: in memory or on disk.
        waiting,
    }
    ends: {
        /// They are in the count of their day, which is sent as an event of its own.
        counted,
        /// The server confirmed them.
        sent,
        /// They may have arrived; no reply came, and they are not sent again.
        unknown,
        /// The queue in memory was full, or the counts of the day had no room.
        queue_full,
        /// Larger than an event may be.
        oversize,
        /// The spool could not be written.
        disk,
        /// The oldest of a full spool.
        evicted,
        /// Too old to be sent.
        expired,
        /// Unreadable on disk.
        corrupt,
        /// The server refused them.
        rejected,
        /// Another event has the same key, so neither is recorded.
        conflict,
        /// Discarded by the host: its veto, a setting of its own, or `shutdown`.
        vetoed,
        /// Deleted by a decision of the user.
        opted_out,
        /// Another layer of the gate closed after they were queued.
        gate_closed,
        /// Recorded for an endpoint, an operator or a transport that this program no longer sends to.
        other_destination,
    }
    faults: {
        /// Free texts that held what looks like a home folder, an address, a token, a key or e-mail: each was replaced before it
        /// was kept. No event ends by it.
        redacted,
    }
}

impl LedgerCounts {
    /// All events that ended after they were accepted.
    pub(crate) fn ended(&self) -> u64 {
        self.ends().into_iter().sum()
    }

    /// Whether both sums hold.
    pub(crate) fn holds(&self) -> bool {
        let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        let Self {
            offered,
            before_notice,
            awaiting_consent,
            above_level,
            sampled_out,
            throttled,
            accepted,
            recovered,
            waiting,
            ..
        } = *self;
        let ends = self.ends();
        sum(&[before_notice, awaiting_consent, above_level, sampled_out, throttled, accepted]) == Some(offered)
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
        let sums = COUNTS - 1; // A replaced text is no end of an event.
        assert_eq!(counts().named()[sums].0, "redacted");
        for wrong in 0..sums {
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
