//! The spool counts in the ledger of its SDK.

use crate::{
    count::ledger::{Ledger, Outcome},
    spool::{self, Tally},
    write::worker,
};

impl Tally for Ledger {
    /// Whatever the spool counts was spooled or recovered before.
    fn count(&self, outcome: spool::Outcome, events: u64) {
        self.count_spooled(outcome.into(), events);
        worker::look();
    }

    fn recover(&self, events: u64) {
        self.recover(events);
    }

    fn end_elsewhere(&self, events: u64) {
        self.end_elsewhere(events);
    }
}

/// What the ledger calls it.
impl From<spool::Outcome> for Outcome {
    fn from(outcome: spool::Outcome) -> Self {
        match outcome {
            spool::Outcome::Sent => Self::Sent,
            spool::Outcome::Rejected => Self::Rejected,
            spool::Outcome::Unknown => Self::Unknown,
            spool::Outcome::Oversize => Self::Oversize,
            spool::Outcome::Disk => Self::Disk,
            spool::Outcome::Evicted => Self::Evicted,
            spool::Outcome::Expired => Self::Expired,
            spool::Outcome::Corrupt => Self::Corrupt,
            spool::Outcome::Discarded => Self::Vetoed,
            spool::Outcome::Erased => Self::OptedOut,
            spool::Outcome::OtherDestination => Self::OtherDestination,
        }
    }
}
