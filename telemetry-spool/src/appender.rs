//! The half of the spool that appends.

use std::{fmt, io, sync::Arc};

use crate::{
    day::day_of,
    folder::{dir::Dir, no_folder::NoFolder},
    format::{
        frame::{Frame, HEADER_BYTES},
        frame_buffer::FrameBuffer,
    },
    limits::{DISK_RETRY_MS, FRAME_BYTES, SEGMENT_BYTES, SPOOL_BYTES, SURVEY_BYTES},
    segment::{Segment, Taken},
    spool_folder::SpoolFolder,
    tally::{Outcome, Tally},
    upkeep::{discard, erase, room},
};

/// Why a frame was not spooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendError {
    /// It is larger than a frame may be.
    Oversize,
    /// The spool is full of what other processes are working on.
    Full,
    /// The segment that was appended to is gone: its frames were sent by another process, or erased. Asked again, the spool
    /// goes on in another one.
    Vanished,
    /// The spool was erased by another process. This one never makes it again; [`open`](crate::open) does.
    Erased,
    /// The spool cannot be written.
    Disk(io::ErrorKind),
}

impl AppendError {
    /// What becomes of the frame.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Oversize => Outcome::Oversize,
            Self::Full => Outcome::Evicted,
            Self::Erased | Self::Vanished => Outcome::Erased,
            Self::Disk(_) => Outcome::Disk,
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oversize => f.write_str("the event is too large"),
            Self::Full => f.write_str("the spool is full"),
            Self::Vanished => f.write_str("the segment is gone"),
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

impl From<NoFolder> for AppendError {
    fn from(error: NoFolder) -> Self {
        match error {
            NoFolder::Erased => Self::Erased,
            NoFolder::Io(kind) => Self::Disk(kind),
            _ => Self::Disk(io::ErrorKind::PermissionDenied),
        }
    }
}

/// How far the time in the name of a segment may run ahead of the clock, which many segments or a clock that was set back
/// would bring about.
const SEGMENTS_AHEAD_MS: u64 = 1_000;

/// Appends frames to a segment that it shares with whoever else appends, or to one of its own where that is busy: it waits
/// for the disk, and never for others.
#[derive(Debug)]
pub struct Spool {
    folder: Arc<SpoolFolder>,
    /// The segment that was appended to last.
    segment: Option<Segment>,
    /// Bytes appended since the last look at what is in the spool.
    since_survey: u64,
    /// Bytes in the spool at the last look, and those that were appended since.
    bytes_seen: u64,
    /// The disk failed; until then it is left alone. `u64::MAX`: for ever.
    failed_until: u64,
    /// The time in the name of the latest segment.
    named_ms: u64,
}

impl Spool {
    pub(crate) fn new(folder: Arc<SpoolFolder>) -> Self {
        Self { folder, segment: None, since_survey: 0, bytes_seen: 0, failed_until: 0, named_ms: 0 }
    }

    /// No frames come for now: gives memory back that would serve the next ones.
    pub fn rest(&self) {
        self.folder.recent.rest();
    }

    /// Appends a frame; it survives the end of this process from the moment the call returns `Ok`.
    ///
    /// # Errors
    ///
    /// As [`Spool::append_frames`].
    pub fn append(&mut self, frame: &Frame<'_>, unix_ms: u64, tally: &dyn Tally) -> Result<(), AppendError> {
        self.append_all(std::slice::from_ref(frame), unix_ms, tally)
    }

    /// As [`Spool::append_frames`], of frames whose bodies stand elsewhere.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn append_all(&mut self, frames: &[Frame<'_>], unix_ms: u64, tally: &dyn Tally) -> Result<(), AppendError> {
        let mut copied = FrameBuffer::new();
        copied.reserve(frames.iter().map(Frame::len_on_disk).sum());
        for frame in frames {
            copied.add(frame, |_| Ok::<_, AppendError>(()))?;
        }
        self.append_frames(&mut copied, unix_ms, tally)
    }

    /// Appends frames with one `write`, all of them or none; they survive the end of this process from the moment the call
    /// returns `Ok`. Together they may be as large as a segment.
    ///
    /// Does not count the frames themselves: [`AppendError::outcome`] says under which word. `tally` hears of older frames
    /// that had to make room.
    ///
    /// # Errors
    ///
    /// [`AppendError`]: the frames are not in the spool. A full disk ends spooling for this process.
    pub fn append_frames(
        &mut self,
        frames: &mut FrameBuffer,
        unix_ms: u64,
        tally: &dyn Tally,
    ) -> Result<(), AppendError> {
        let need = (HEADER_BYTES + frames.bytes()) as u64;
        if frames.largest() > FRAME_BYTES || need > SEGMENT_BYTES {
            return Err(AppendError::Oversize);
        }
        // A clock that is set back must not end spooling for years: a longer pause than we ever make is none.
        let pause = self.failed_until.saturating_sub(unix_ms);
        if self.failed_until == u64::MAX || (1..=DISK_RETRY_MS).contains(&pause) {
            return Err(AppendError::Disk(io::ErrorKind::StorageFull));
        }
        self.leave_to_parent();
        let appended = self.prepare(need, unix_ms, tally).and_then(|mut segment| {
            // Where it failed nothing more is written to this one: the next frame looks at the disk again.
            segment.append(&self.folder, frames)?;
            self.segment = Some(segment);
            Ok(())
        });
        match appended {
            Ok(()) => {
                self.since_survey += need;
                self.bytes_seen += need;
            }
            Err(error) => self.note(error, unix_ms),
        }
        appended
    }

    /// Whether `need` further bytes would push older frames out. Looks at the disk only where it seems so.
    pub fn is_full(&mut self, need: u64) -> bool {
        if self.bytes_seen + need <= SPOOL_BYTES {
            return false;
        }
        let Ok(Some(dir)) = self.folder.dir(false) else { return false };
        let Ok(seen) = room::survey(&dir) else { return false };
        self.bytes_seen = seen.bytes;
        !seen.has_room(need, true)
    }

    /// Whether the program has closed the descriptor of the folder.
    pub fn is_lost(&self) -> bool {
        self.folder.is_lost()
    }

    /// In a forked child: the segment is the parent's.
    fn leave_to_parent(&mut self) {
        if self.folder.is_forked() {
            self.segment = None;
            self.folder = Arc::new(self.folder.for_child());
        }
    }

    /// A segment for `need` further bytes, locked: that of the last time, one that is there, or a new one.
    fn prepare(&mut self, need: u64, unix_ms: u64, tally: &dyn Tally) -> Result<Segment, AppendError> {
        let day = day_of(unix_ms);
        let dir = self.folder.dir(true)?.ok_or(AppendError::Full)?;
        if let Some(mut segment) = self.segment.take() {
            match segment.take(day, need) {
                Taken::Ours => match self.survey(&dir, need, unix_ms, tally) {
                    Ok(()) => return Ok(segment),
                    Err(error) => {
                        segment.give_back();
                        return Err(error);
                    }
                },
                // Where it went to, the state folder says.
                Taken::Over if segment.is_gone() => return Err(AppendError::Vanished),
                Taken::Over | Taken::Busy => {}
            }
        }
        let seen = room::survey(&dir).map_err(|error| self.or_erased(error))?;
        self.bytes_seen = seen.bytes;
        if let Some(segment) = Segment::find(&dir, day, need, &seen.files) {
            return Ok(segment);
        }
        if !seen.complete {
            // One file at least goes, where they are ours. As after any other failure the folder is left alone for a second: each
            // look at it costs time.
            let _ = room::make(&self.folder, &dir, seen, (need, true), unix_ms, tally);
            return Err(AppendError::Disk(io::ErrorKind::ResourceBusy));
        }
        room::make(&self.folder, &dir, seen, (need, true), unix_ms, tally)?;
        self.since_survey = 0;
        // The order of the names is the order of the segments, however many a millisecond sees.
        self.named_ms = unix_ms.max(self.named_ms + 1).min(unix_ms.saturating_add(SEGMENTS_AHEAD_MS));
        Segment::create(&dir, self.named_ms).map_err(|error| self.or_erased(error))
    }

    /// Looks at what other processes have put into the spool, from time to time.
    fn survey(&mut self, dir: &Dir, need: u64, unix_ms: u64, tally: &dyn Tally) -> Result<(), AppendError> {
        if self.since_survey >= SURVEY_BYTES {
            let seen = room::survey(dir).unwrap_or_default();
            self.bytes_seen = seen.bytes;
            room::make(&self.folder, dir, seen, (need, false), unix_ms, tally)?;
            self.since_survey = 0;
        }
        Ok(())
    }

    /// A folder in which no file can be made because it is no more was erased.
    fn or_erased(&self, error: io::Error) -> AppendError {
        if error.kind() == io::ErrorKind::NotFound {
            self.folder.mark_erased();
            return AppendError::Erased;
        }
        error.into()
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

    /// Removes what this process has appended, and only that. What is being sent ends when its batch does.
    pub fn discard_own(&mut self, unix_ms: u64, tally: &dyn Tally) {
        discard::own(&self.folder, Outcome::Discarded, unix_ms, tally);
    }

    /// Another process erases the spool: removes what this one has appended, before that process or after it, so that it is
    /// counted here.
    pub fn discard_held(&mut self, unix_ms: u64, tally: &dyn Tally) {
        self.segment = None;
        discard::own(&self.folder, Outcome::Erased, unix_ms, tally);
        erase::vanished(self.folder.owner(), tally);
    }

    /// Removes the spools of all programs in this folder. Frames are counted as erased, or as unknown if they may have
    /// arrived.
    pub fn erase(&mut self, tally: &dyn Tally) {
        self.segment = None;
        erase::all(&self.folder, tally);
    }
}

#[cfg(test)]
impl Spool {
    /// As if the disk had failed.
    pub(crate) fn fail(&mut self, error: AppendError, unix_ms: u64) {
        self.note(error, unix_ms);
    }

    pub(crate) fn folder(&self) -> &SpoolFolder {
        &self.folder
    }
}
