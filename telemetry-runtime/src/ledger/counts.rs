use std::fmt;

use serde::Serialize;

/// The ledger of one SDK in this process, at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerCounts {
    /// Events that passed the gate.
    pub offered: u64,
    /// Of these: the user had not been told yet.
    pub before_notice: u64,
    /// Of these: wider than what the user was told of.
    pub not_agreed: u64,
    /// Of these: not in the day's sample.
    pub sampled: u64,
    /// Of these: an identical event was recorded recently.
    pub throttled: u64,
    /// Of these: the rest.
    pub accepted: u64,
    /// Events that an earlier process left on disk.
    pub adopted: u64,
    /// Of accepted and adopted events: in memory or on disk.
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
    /// Deleted by a decision of host or user.
    pub erased: u64,
}

impl LedgerCounts {
    /// All events that ended after they were accepted.
    pub(super) fn ended(&self) -> u64 {
        self.sent
            + self.unknown
            + self.queue_full
            + self.oversize
            + self.disk
            + self.evicted
            + self.expired
            + self.corrupt
            + self.rejected
            + self.erased
    }

    fn named(&self) -> [(&'static str, u64); 18] {
        [
            ("offered", self.offered),
            ("before_notice", self.before_notice),
            ("not_agreed", self.not_agreed),
            ("sampled", self.sampled),
            ("throttled", self.throttled),
            ("accepted", self.accepted),
            ("adopted", self.adopted),
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
            ("erased", self.erased),
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
