//! How much a spool may hold. [`Limits`] are what its user decides; the constants below belong to the format, or bound the work
//! of one call.

use std::time::Duration;

/// What the user of a spool decides. All programs that share a folder should decide the same.
#[derive(Debug)]
pub struct Limits {
    /// The kinds of frames that this program sends. Frames of any other kind wait for a program that does, and go when they are
    /// older than every kind here may be.
    pub kinds: &'static [KindLimits],
    /// Bytes of all frames of one batch, with one more byte for each: whatever separates them in a request. A frame that is
    /// larger travels alone.
    pub batch_bytes: usize,
    /// Attempts of one batch in a row; then the others go first.
    pub attempts: u8,
    /// How long a batch rests that has used its attempts while others were taken.
    pub attempts_renewed: Duration,
    /// Bytes of the segments of all programs together, oldest out first.
    pub all_bytes: u64,
    /// Bytes that must be free on the file system before a segment is begun.
    pub free_bytes: u64,
}

/// What frames of one kind may do. Frames of two kinds never share a batch.
#[derive(Debug, Clone, Copy)]
pub struct KindLimits {
    /// The byte in the frame.
    pub kind: u8,
    /// Frames of one batch.
    pub batch_frames: usize,
    /// Days that a frame waits. The day of a frame is known and its hour is not, so it may wait up to a day longer.
    pub kept_days: u32,
    /// Whether a batch may hold frames of one day only.
    pub by_day: bool,
}

impl Limits {
    /// What holds for a kind; `None` if this program does not send it.
    pub fn of(&self, kind: u8) -> Option<&KindLimits> {
        self.kinds.iter().find(|limits| limits.kind == kind)
    }

    /// The most frames that a batch of any kind may hold.
    pub fn batch_frames(&self) -> usize {
        self.kinds.iter().map(|limits| limits.batch_frames).max().unwrap_or(1)
    }

    /// The most days that a frame of any kind waits.
    pub fn kept_days(&self) -> u32 {
        self.kinds.iter().map(|limits| limits.kept_days).max().unwrap_or_default()
    }
}

/// Bytes of one frame's body. A reader takes a larger length for damage.
pub const FRAME_BYTES: usize = 32 * 1024;

/// Bytes of all segments of one program, oldest out first. Together with [`SPOOL_SLACK_BYTES`] it makes the
/// 4 MiB of the catalogue. (Glean: 50 MiB, a browser's budget.)
pub const SPOOL_BYTES: u64 = 3 * 1024 * 1024;

/// Bytes by which a spool may be too large while another process makes plans or removes files: who appends does not wait for
/// it. That takes milliseconds.
pub const SPOOL_SLACK_BYTES: u64 = 1024 * 1024;

/// Folders of programs that are looked at, and files in them when all are counted.
pub(crate) const FOLDERS: usize = 4_096;

/// Directory entries that one start looks at in the folders of all programs; the next start goes on where it ended.
/// About 10 ms.
pub(crate) const SWEEP_ENTRIES: usize = 8_192;

/// Segments of one program, oldest out first. (Glean: 500.) Programs share them, so there is one for each day,
/// each [`SEGMENT_BYTES`], and each process that appended in the same moment as others: the bytes end first.
pub const SPOOL_FILES: usize = 256;

/// Bytes after which another segment is begun: what one eviction costs at most, a sixth of a spool. To make a file, to remove it and to
/// give its memory back costs as much as writing a hundred events or more.
pub const SEGMENT_BYTES: u64 = 512 * 1024;

/// Segments of today that a process tries to lock before it makes one of its own, and names that it tries for that.
pub(crate) const SEGMENT_TRIES: usize = 4;

/// Segments of which a process remembers which frames in it are its own. More are there only if others sent what it had
/// recorded; of the oldest it then counts frames as recovered that were its own.
pub(crate) const OWN_SEGMENTS: usize = 1_024;

/// Bytes appended between two looks at what other processes have put into the spool: what each of them can overshoot. Half of a
/// segment, before each of which it is looked anyway.
pub(crate) const SURVEY_BYTES: u64 = SEGMENT_BYTES / 2;

/// After a failed write, other than on a full disk, the spool is left alone for this many milliseconds, so that a
/// broken disk does not keep a program busy. A full disk ends spooling for the process.
pub const DISK_RETRY_MS: u64 = 1_000;

/// Damaged files that are kept for whoever asks what happened to them, newest first. They count to the spool's bytes and
/// files as well, and are the first to go.
pub(crate) const DAMAGED_FILES: usize = 8;

/// Bytes of these files: two of the largest segments.
pub(crate) const DAMAGED_BYTES: u64 = 2 * SEGMENT_BYTES;

/// Directory entries read at a time. Somebody's millions of files in our folder must cost neither time nor memory;
/// four times [`SPOOL_FILES`] leaves room to find ours among a few foreign ones. Where there are more, nothing is added.
pub const LISTED_ENTRIES: usize = 1_024;

/// How long `erase` waits for another process that is writing batches at this moment; that takes milliseconds.
pub(crate) const ERASE_WAIT: Duration = Duration::from_millis(500);

/// How often it looks meanwhile.
pub(crate) const ERASE_POLL: Duration = Duration::from_millis(5);

/// Plans that stand at a time; further frames wait in segments without one. Formats with one frame per request would
/// otherwise make a file of every frame.
pub const PLANNED_BATCHES: usize = 16;

/// Plans that are made at once from which on they are one upload, in one file that its maker sends: one flush of the disk for all
/// of them. Fewer stand in files of their own, so that whoever comes may take any.
pub const UPLOAD_BATCHES: usize = 2;

/// Segments of this process that are kept in memory until they were sent, so that none is read again: half of a spool. None
/// while nothing can be sent.
pub(crate) const RECENT_SEGMENTS: usize = 3;

/// Bytes of segments that are looked at when plans are made: they are in memory meanwhile. What is kept there anyway, so that it
/// is one upload.
pub(crate) const PLANNED_BYTES: u64 = RECENT_SEGMENTS as u64 * SEGMENT_BYTES;

/// Files that say which frames have ended; more are made one.
pub(crate) const DONE_FILES: usize = 16;

/// Bytes of the one that is made of them. Ranges that touch are one line of 60 bytes, so it is a few lines for each segment;
/// in the worst case, every second frame of a full spool, it would be larger, and then they stay apart.
pub(crate) const DONE_BYTES: usize = 512 * 1024;

/// How often, and after which pause, the sender looks again when another process made plans at the same moment. That
/// takes a few flushes of the disk, about 10 ms each. A flush waits for that within its own limit; where the program has no time to wait,
/// nobody looks again: [`Backlog::stop_when`](crate::Backlog::stop_when).
pub(crate) const TURN_TRIES: u32 = 20;

/// See [`TURN_TRIES`].
pub(crate) const TURN_PAUSE: Duration = Duration::from_millis(10);

/// File descriptors that one user of a spool holds at most at a time, whatever waits and however long a server is gone: its folder, the
/// spool's, the segment that is appended to, its row of the ledger, and, while it works on them, the plan that is sent, up
/// to [`PLANNED_BATCHES`] of an eviction, a segment that is read, the turn and a small file. Between two frames and without a
/// request under way it is the first four, and connections. Some systems give a program 256, some programs 128.
#[cfg(test)]
pub(crate) const DESCRIPTORS: usize = 4 + 4 + PLANNED_BATCHES;

/// Bytes of a small file beside the spool that are read.
pub const SMALL_FILE_BYTES: u64 = 256 * 1024;

/// What the tests of the spool decide.
#[cfg(test)]
pub(crate) mod test {
    use super::{KindLimits, Limits};
    use std::time::Duration;

    pub(crate) const EXTENDED: u8 = 0;
    pub(crate) const STRICT: u8 = 1;
    pub(crate) const BEACON: u8 = 2;
    pub(crate) const REPORT: u8 = 3;
    pub(crate) const BATCH_EVENTS: usize = 100;
    pub(crate) const KEPT_DAYS: u32 = 14;
    pub(crate) const ATTEMPTS: u8 = 3;
    pub(crate) const ATTEMPTS_RENEWED: Duration = Duration::from_secs(60 * 60);
    pub(crate) const ALL_BYTES: u64 = 8 * 1024 * 1024;

    pub(crate) static LIMITS: Limits = Limits {
        kinds: &[
            KindLimits { kind: EXTENDED, batch_frames: BATCH_EVENTS, kept_days: KEPT_DAYS, by_day: false },
            KindLimits { kind: STRICT, batch_frames: BATCH_EVENTS, kept_days: 2, by_day: true },
            KindLimits { kind: BEACON, batch_frames: 1, kept_days: 2, by_day: true },
            KindLimits { kind: REPORT, batch_frames: 1, kept_days: 2, by_day: true },
        ],
        batch_bytes: 256 * 1024,
        attempts: ATTEMPTS,
        attempts_renewed: ATTEMPTS_RENEWED,
        all_bytes: ALL_BYTES,
        free_bytes: 64 * 1024 * 1024,
    };
}
