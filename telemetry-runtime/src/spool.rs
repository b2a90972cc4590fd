//! What is kept on disk: consent, memory and the spool.
//!
//! ```text
//! <state directory>/telemetry/<sdk>/     PrivateFolder
//!     README.txt                         what this folder is and how to opt out
//!     consent.json  told                 consent_file, told_file
//!     memory.json                        memory_file
//!     breaker.json  breaker.lock         breaker_file
//!     sent.log                           sent_log
//!     ledger.<identity>.json             what became of all events of a destination: ledger_file
//!     ledger.<identity>/<uuid>.json      one row for each process that lives
//!     spool/next                         with which folder the next look at all of them begins   sweep
//!     spool/<host program>/
//!         <uuid>.part                    a segment: events, appended by whoever has the lock     Spool, segment
//!         <key>.plan                     which of them go into one request, by range             Backlog, planner
//!         <key>.done <uuid>.done         which of them have ended                                tidy
//!         <uuid>.damaged                 set aside: what could be read of it was taken           aside
//!         lock                           the turn: held while plans are made and files removed
//! ```
//!
//! A frame is written once and never copied. Three rules keep it from being lost or sent twice:
//!
//! 1. **Who appends holds the lock on the segment**, for as long as the write takes, and looks after the lock whether the name
//!    still leads to this file. Where a segment is busy, another one is taken or made.
//! 2. **Who makes plans or removes files has the turn**, the lock on `lock`: so a frame is in one plan at most, and a segment
//!    goes when all of its frames have ended, before what says so.
//! 3. **Who sends holds the lock on the plan.** When its end is known, the plan is renamed to `.done`.
//!
//! The kernel gives a lock back when its owner is gone, however it went, so nothing stale can block. Between attempts nobody
//! holds a plan, and between writes nobody a segment: any process of the program goes on with what another has begun.
//!
//! Nothing here panics or prints. Functions that can end events take a [`Tally`] and count every one.

mod appender;
mod backlog;
mod batch;
pub(crate) mod folder;
pub(crate) mod format;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(fuzzing), expect(unreachable_pub, reason = "`fuzz/` reaches them"))]
pub(crate) mod fuzz;
mod known;
pub(crate) mod limits;
mod own;
mod planner;
mod segment;
pub(crate) mod spool_folder;
mod standing;
mod upkeep;

pub(crate) use appender::{AppendError, Spool};
pub(crate) use backlog::{Backlog, Batch};
pub(crate) use folder::private::{NoFolder, PrivateFolder, Staged};
pub(crate) use format::frame::{Digest, Frame};
pub(crate) use format::names::host_name;
pub(crate) use limits::{KindLimits, Limits};
pub(crate) use spool_folder::spooled_events;

/// How a frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
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
    /// Discarded by the process that recorded it.
    Discarded,
    /// The spool was erased, or it may be sent no more.
    Erased,
    /// Too old, and for a destination that this program does not send to.
    OtherDestination,
}

/// Whoever keeps the ledger.
pub(crate) trait Tally {
    /// Events of this process, or recovered ones, came to an end.
    fn count(&self, outcome: Outcome, events: u64);

    /// Events that another process has recorded came to an end in this one: always counted together with their outcome.
    fn recover(&self, events: u64);

    /// Events that this process has recorded came to an end in another one, which counts them as recovered.
    fn end_elsewhere(&self, events: u64);
}

/// A frame of a spool folder came to an end: one that this process had not recorded counts as recovered as well.
fn count_ended(tally: &dyn Tally, outcome: Outcome, owner: &spool_folder::Owner, segment: &str, number: u32) {
    if !own::end(owner, segment, number) {
        tally.recover(1);
    }
    tally.count(outcome, 1);
}

/// What tells SDKs of one name apart in the names and texts of files: the first 16 hexadecimal digits of where their events
/// go.
pub(crate) fn identity(destination: &Digest) -> String {
    destination.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The UTC day since 1970-01-01 of a time in milliseconds since then.
pub(crate) fn day_of(unix_ms: u64) -> u32 {
    u32::try_from(unix_ms / DAY_MS).unwrap_or(u32::MAX)
}

/// The spool of one SDK and one host program: the half that appends, and the half that sends.
///
/// Nothing is read or written before the first use. `host` is a [`host_name`]; `destination` is where events of this program
/// go: those with another one are left to programs that have it.
pub(crate) fn open(
    parent: std::sync::Arc<PrivateFolder>,
    host: &str,
    destination: Digest,
    limits: &'static Limits,
) -> (Spool, Backlog) {
    let folder = std::sync::Arc::new(spool_folder::SpoolFolder::new(parent, host, destination, limits));
    (Spool::new(folder.clone()), Backlog::new(folder))
}

#[cfg(all(test, unix))]
mod tests;
