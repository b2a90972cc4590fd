//! The half of the spool that appends.

use std::{fmt, io, sync::Arc};

use telemetry_schema::Wire;

use super::{
    Tally,
    dir::{self, Dir, is_removed},
    frame::{Frame, HEADER_BYTES, SEGMENT_MAGIC, header},
    names::Name,
    place::{self, Held, Place},
    room,
    state_dir::NoPlace,
    uuid::uuid7,
};
use crate::{
    ledger::Outcome,
    pipeline::limits::{DISK_RETRY_MS, EVENT_BYTES, SEGMENT_BYTES, SPOOL_BYTES, SURVEY_BYTES},
};

/// Why an event was not spooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendError {
    /// It is larger than an event may be.
    Oversize,
    /// The spool is full of what other processes are working on.
    Full,
    /// The spool was erased by another process. This one never makes it again; [`super::open`] does, once consent allows.
    Erased,
    /// The spool cannot be written.
    Disk(io::ErrorKind),
}

impl AppendError {
    /// What becomes of the event.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Oversize => Outcome::Oversize,
            Self::Full => Outcome::Evicted,
            Self::Erased => Outcome::OptedOut,
            Self::Disk(_) => Outcome::Disk,
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oversize => f.write_str("the event is too large"),
            Self::Full => f.write_str("the spool is full"),
            Self::Erased => f.write_str("the spool was erased"),
            Self::Disk(kind) => write!(f, "the spool cannot be written: {kind}"),
        }
    }
}

impl std::error::Error for AppendError {}

impl From<io::Error> for AppendError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.kind())
    }
}

impl From<room::NoRoom> for AppendError {
    fn from(reason: room::NoRoom) -> Self {
        match reason {
            room::NoRoom::Full => Self::Full,
            // As after any other failure the folder is left alone for a second: each look at it costs time.
            room::NoRoom::Crowded => Self::Disk(io::ErrorKind::ResourceBusy),
        }
    }
}

impl From<NoPlace> for AppendError {
    fn from(error: NoPlace) -> Self {
        match error {
            NoPlace::Erased => Self::Erased,
            NoPlace::Io(kind) => Self::Disk(kind),
            _ => Self::Disk(io::ErrorKind::PermissionDenied),
        }
    }
}

/// How far the time in the name of a segment may run ahead of the clock, which many segments or a clock that was set back
/// would bring about.
const SEGMENTS_AHEAD_MS: u64 = 1_000;

/// The segment that is appended to.
#[derive(Debug)]
struct Part {
    held: Held,
    wire: Wire,
    dir: Arc<Dir>,
}

/// Appends events to a segment of its own; nobody else writes to that file.
#[derive(Debug)]
pub(crate) struct Spool {
    place: Arc<Place>,
    part: Option<Part>,
    /// Bytes in the spool without the current segment, as of the last survey.
    others: u64,
    /// Bytes appended since then.
    since_survey: u64,
    /// The disk failed; until then it is left alone. `u64::MAX`: for ever.
    failed_until: u64,
    /// The time in the name of the latest segment.
    named_ms: u64,
}

impl Spool {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self { place, part: None, others: 0, since_survey: 0, failed_until: 0, named_ms: 0 }
    }

    /// Appends an event; it survives the end of this process from the moment the call returns `Ok`.
    ///
    /// One `write`, plus opening a file the first time. Does not count the event itself: [`AppendError::outcome`] says
    /// under which word. `tally` hears of older events that had to make room.
    ///
    /// # Errors
    ///
    /// [`AppendError`]: the event is not in the spool. A full disk ends spooling for this process.
    pub(crate) fn append(&mut self, frame: &Frame<'_>, unix_ms: u64, tally: &dyn Tally) -> Result<(), AppendError> {
        if frame.json.len() > EVENT_BYTES {
            return Err(AppendError::Oversize);
        }
        // A clock that is set back must not end spooling for years: a longer pause than we ever make is none.
        let pause = self.failed_until.saturating_sub(unix_ms);
        if self.failed_until == u64::MAX || (1..=DISK_RETRY_MS).contains(&pause) {
            return Err(AppendError::Disk(io::ErrorKind::StorageFull));
        }
        self.leave_to_parent();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + frame.len_on_disk());
        let need = (HEADER_BYTES + frame.len_on_disk()) as u64;
        self.prepare(frame.wire, need, unix_ms, tally).inspect_err(|error| self.note(*error, unix_ms))?;
        let Some(part) = &mut self.part else { return Err(AppendError::Full) };
        if part.held.bytes == 0 {
            bytes.extend(header(SEGMENT_MAGIC, 0));
        }
        let events = part.held.events.unwrap_or_default();
        frame.write_to(u32::try_from(events).unwrap_or(u32::MAX), &mut bytes);
        let written = write_whole(part, &bytes);
        if let Err(error) = written {
            let error = AppendError::from(error);
            self.note(error, unix_ms);
            // What follows a torn frame could not be read, so nothing may follow it.
            self.seal();
            return Err(error);
        }
        part.held.bytes += bytes.len() as u64;
        part.held.events = Some(events + 1);
        self.since_survey += bytes.len() as u64;
        Ok(())
    }

    /// In a forked child: the segment and everything on the shelf is the parent's.
    fn leave_to_parent(&mut self) {
        if self.place.is_forked() {
            self.part = None;
            self.place = Arc::new(self.place.for_child());
        }
    }

    /// Sees to it that there is a segment for `need` further bytes.
    fn prepare(&mut self, wire: Wire, need: u64, unix_ms: u64, tally: &dyn Tally) -> Result<(), AppendError> {
        if let Some(part) = &self.part {
            if is_removed(&part.held.file) {
                // `off` or `erase` in another process. What was in the segment is gone with it.
                room::discard(&self.place, &part.dir, &part.held, Outcome::OptedOut, tally);
                self.part = None;
                self.place.mark_erased();
                room::drop_all(&self.place, tally);
                return Err(AppendError::Erased);
            }
            if part.wire != wire || part.held.bytes + need > SEGMENT_BYTES {
                self.seal();
            }
        }
        match &self.part {
            None => {
                let dir = self.place.dir(true)?.ok_or(AppendError::Full)?;
                self.others = room::make(&self.place, &dir, need, true, tally)?;
                self.since_survey = 0;
                // The order of the names is the order of the segments, however many a millisecond sees.
                self.named_ms = unix_ms.max(self.named_ms + 1).min(unix_ms.saturating_add(SEGMENTS_AHEAD_MS));
                let held = match create_part(&dir, self.named_ms) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.place.mark_erased();
                        room::drop_all(&self.place, tally);
                        return Err(AppendError::Erased);
                    }
                    held => held?,
                };
                self.part = Some(Part { held, wire, dir });
            }
            Some(part) => {
                let full = self.others + part.held.bytes + need > SPOOL_BYTES;
                if full || self.since_survey >= SURVEY_BYTES {
                    let all = room::make(&self.place, &part.dir, need, false, tally)?;
                    self.others = all.saturating_sub(part.held.bytes);
                    self.since_survey = 0;
                }
            }
        }
        Ok(())
    }

    /// Remembers that the disk failed.
    fn note(&mut self, error: AppendError, unix_ms: u64) {
        let AppendError::Disk(kind) = error else { return };
        let for_ever = matches!(
            kind,
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::Unsupported
        );
        self.failed_until = if for_ever { u64::MAX } else { unix_ms.saturating_add(DISK_RETRY_MS) };
    }

    /// Closes the segment, so that it can be sent; the next event begins a new one. `false` if there was none.
    ///
    /// One rename, and no flush: callers share this object with the worker and must not wait for the disk. Events are
    /// flushed when they become a batch, before their segment goes.
    pub(crate) fn seal(&mut self) -> bool {
        let Some(Part { mut held, dir, .. }) = self.part.take() else { return false };
        let ready = Name::parse(&format!("{}.ready", held.name.stem()));
        // Under its old name it can be sent just as well: the lock says whose it is, not the name.
        if let Some(ready) = ready
            && dir.rename(held.name.as_str(), ready.as_str()).is_ok()
        {
            held.name = ready;
        }
        self.others += held.bytes;
        self.place.keep(held);
        true
    }

    /// Removes what this process has recorded, and only that: the host's veto. A batch in flight is removed as well, so
    /// that it cannot be sent again.
    pub(crate) fn discard_own(&mut self, outcome: Outcome, tally: &dyn Tally) {
        if let Some(Part { held, dir, .. }) = self.part.take() {
            room::discard(&self.place, &dir, &held, outcome, tally);
        }
        let Ok(Some(dir)) = self.place.dir(false) else { return };
        while let Some(held) = self.place.lend(|held| held.own) {
            room::discard(&self.place, &dir, &held, outcome, tally);
        }
        for name in self.place.lent_own() {
            // Whoever has it counts it when it comes back.
            let _ = dir.remove(&name);
        }
    }

    /// Another process has stored that the user says no: removes what this one holds, before that process or after it, so
    /// that it is counted here. A batch in flight is counted when it comes back.
    pub(crate) fn discard_held(&mut self, tally: &dyn Tally) {
        self.discard_own(Outcome::OptedOut, tally);
        let Ok(Some(dir)) = self.place.dir(false) else { return };
        while let Some(held) = self.place.lend(|_| true) {
            room::discard(&self.place, &dir, &held, Outcome::OptedOut, tally);
        }
    }

    /// Removes the spools of all host programs of this SDK: segments and batches. What another process has in memory is
    /// its own to discard. Events are counted as erased, or as unknown if they may have arrived.
    pub(crate) fn erase(&mut self, tally: &dyn Tally) {
        if let Some(Part { held, dir, .. }) = self.part.take() {
            room::discard(&self.place, &dir, &held, Outcome::OptedOut, tally);
        }
        self.others = 0;
        super::erase::all(&self.place, tally);
    }
}

#[cfg(test)]
impl Spool {
    /// As if the disk had failed.
    pub(super) fn fail(&mut self, error: AppendError, unix_ms: u64) {
        self.note(error, unix_ms);
    }
}

impl Drop for Spool {
    /// Leaves the segment to whoever opens the folder next, in this process or another one.
    fn drop(&mut self) {
        if !self.place.is_forked() {
            self.seal();
        }
    }
}

/// Several names are tried, because another process may take a new file for an orphan in the moment before it is locked.
fn create_part(dir: &Dir, unix_ms: u64) -> io::Result<Held> {
    let mut last = io::Error::from(io::ErrorKind::Other);
    for _ in 0..8 {
        let name = uuid7(unix_ms).and_then(|id| Name::parse(&format!("{id}.part"))).ok_or(io::ErrorKind::Other)?;
        match place::create(dir, name) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => last = error,
            held => return held,
        }
    }
    Err(last)
}

/// Writes all of `bytes` with one `write`, or nothing.
fn write_whole(part: &mut Part, bytes: &[u8]) -> io::Result<()> {
    if dir::append(&mut part.held.file, bytes)? == bytes.len() {
        return Ok(());
    }
    // Only a full disk writes a part. What was written is taken back, so that the next reader finds whole frames.
    let _ = dir::cut(&part.held.file, part.held.bytes);
    Err(io::ErrorKind::StorageFull.into())
}
