//! The spool counts in the ledger of its SDK.

use crate::{
    count::ledger::{Ledger, Outcome},
    spool::Tally,
    write::worker,
};

impl Tally for Ledger {
    /// Whatever the spool counts was spooled or recovered before.
    fn count(&self, outcome: Outcome, events: u64) {
        self.count_spooled(outcome, events);
        worker::look();
    }

    fn recover(&self, events: u64) {
        self.recover(events);
    }

    fn end_elsewhere(&self, events: u64) {
        self.end_elsewhere(events);
    }
}
