//! What becomes of frames, and who hears of it.

/// How a frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its batch was confirmed by whoever it was sent to.
    Sent,
    /// Its batch was refused for good.
    Rejected,
    /// It may have arrived; no reply came, and it is not sent again.
    Unknown,
    /// It was not appended: larger than a frame may be.
    Oversize,
    /// It was not appended: the disk failed or is full.
    Disk,
    /// The oldest of a full spool.
    Evicted,
    /// Too old to be sent.
    Expired,
    /// Unreadable on disk.
    Corrupt,
    /// Discarded by the process that appended it.
    Discarded,
    /// The spool was erased, or it may be sent no more.
    Erased,
    /// Too old, and for a destination that this program does not send to.
    OtherDestination,
}

/// Who counts what becomes of frames.
pub trait Tally {
    /// Frames of this process, or recovered ones, came to an end.
    fn count(&self, outcome: Outcome, frames: u64);

    /// Frames that another process has appended came to an end in this one: always counted together with their outcome.
    fn recover(&self, frames: u64);

    /// Frames that this process has appended came to an end in another one, which counts them as recovered.
    fn end_elsewhere(&self, frames: u64);
}
