//! Frames that end without a request.

use std::io;

use crate::{
    batch::Piece,
    folder::dir::Dir,
    format::{frame_reader::Placed, plan::Plan},
    own::count_ended,
    spool_folder::SpoolFolder,
    tally::{Outcome, Tally},
    upkeep::tidy,
};

/// See the module.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) plan: Plan,
    frames: Vec<(Outcome, String, u32, u64)>,
}

impl Ended {
    pub(crate) fn push(&mut self, outcome: Outcome, segment: &str, placed: &Placed<'_>, bytes: &[u8]) {
        self.plan.push(segment, placed.at, bytes);
        self.frames.push((outcome, segment.to_owned(), placed.number, placed.at));
    }

    /// As [`Ended::push`], for a frame of a batch.
    pub(crate) fn push_piece(&mut self, outcome: Outcome, piece: &Piece<'_>) {
        self.plan.push(piece.segment, piece.at, piece.bytes);
        self.frames.push((outcome, piece.segment.to_owned(), piece.number, piece.at));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Writes it down, and then counts it; says whether there was anything.
    pub(crate) fn write_down(
        &self,
        folder: &SpoolFolder,
        dir: &Dir,
        unix_ms: u64,
        tally: &dyn Tally,
    ) -> io::Result<bool> {
        if self.frames.is_empty() {
            return Ok(false);
        }
        tidy::write_done(dir, unix_ms, &self.plan.render(), false)?;
        self.count(folder, tally);
        Ok(true)
    }

    /// The segments go as a whole.
    pub(crate) fn remove_segments(&self, dir: &Dir) {
        for range in &self.plan.ranges {
            let _ = dir.remove(&format!("{}.part", range.segment));
        }
    }

    pub(crate) fn count(&self, folder: &SpoolFolder, tally: &dyn Tally) {
        for (outcome, segment, number, _) in &self.frames {
            count_ended(tally, *outcome, folder.owner(), segment, *number);
        }
    }
}
