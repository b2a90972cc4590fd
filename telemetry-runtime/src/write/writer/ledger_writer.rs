//! Keeps the ledger of one SDK on disk, a second behind the one in memory at most.

use std::{sync::Arc, time::Instant};

use telemetry_spool::{Digest, spooled_frames};

use crate::{
    base::{
        clock,
        effects::{self, Effect},
        limits::{LEDGER_ROWS, LEDGER_SAVE},
    },
    count::LedgerCounts,
    declare::sdk::Sdk,
    write::files::ledger_file::{self, LedgerFile},
    write::files::state_dir::SdkDir,
};

/// This process' row in the ledger on disk.
#[derive(Debug)]
pub(crate) struct LedgerWriter {
    row: Option<LedgerFile>,
    saved: Option<Instant>,
    /// The rows of earlier processes were looked at.
    folded: bool,
    settled: bool,
}

impl LedgerWriter {
    pub(crate) const fn new() -> Self {
        Self { row: None, saved: None, folded: false, settled: false }
    }

    /// The state folder was opened, for the first time or again.
    pub(crate) fn open(&mut self, sdk: Sdk, dir: &Arc<SdkDir>, destination: Digest) {
        let base = match &mut self.row {
            None => LedgerCounts::default(),
            // What it has said stays, and the next row goes on from there.
            Some(row) if row.is_lost() => row.written(),
            // What it said was closed with it.
            Some(row) if row.is_closed() => sdk.state.ledger.counts_on_disk(),
            Some(row) => return row.reopen(Arc::clone(dir)),
        };
        *self = Self { row: LedgerFile::new(Arc::clone(dir), destination, base, clock::now_ms()), ..Self::new() };
    }

    /// Whether it was looked at, once, what earlier processes have left.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Writes the row if it has changed and it is time, or at once; answers when to look again. With `settles`, nothing of
    /// this process ends events at this moment.
    pub(crate) fn save(&mut self, sdk: Sdk, dir: &SdkDir, at_once: bool, settles: bool) -> Option<Instant> {
        let row = self.row.as_mut()?;
        let counts = sdk.state.ledger.counts_on_disk();
        // What earlier processes have left is looked at once, whether or not this one has anything new to write.
        let settles = settles && !self.settled;
        if !(row.is_behind(&counts) || settles) {
            return None;
        }
        let due = self.saved.map(|saved| saved + LEDGER_SAVE).filter(|due| *due > clock::instant());
        if due.is_some() && !at_once && !settles {
            return due;
        }
        // Asks the disk, so it comes last.
        if row.is_closed() {
            return None;
        }
        effects::note(Effect::Files);
        // A ledger that cannot be written is tried again with the next change; it harms nobody.
        let _ = row.save(counts);
        self.saved = Some(clock::instant());
        let today = clock::today();
        let destination = row.destination();
        let at = ledger_file::At { sdk: dir, destination: &destination };
        if settles {
            (self.folded, self.settled) = (true, true);
            if ledger_file::fold(row, today) == Some(true)
                && let Some(spooled) = spooled_frames(dir, &destination)
            {
                ledger_file::settle(at, today, spooled);
            }
        } else if !self.folded {
            self.folded = true;
            if ledger_file::row_count(at) > LEDGER_ROWS {
                ledger_file::fold(row, today);
            }
        }
        None
    }
}
