//! A crash-proof queue of frames in a folder that processes share.
//!
//! Frames are bytes that nothing here looks into. Any number of processes append to one spool; any of them takes what waits,
//! in batches, and says what became of each. A process may be killed at any moment: a frame that was appended is in one batch
//! at most, a batch keeps its key until its end is known, and whatever one process has begun any other goes on with. The oldest
//! frames go first where there are too many, and every frame that ends is counted once.
//!
//! ```
//! use std::{cell::Cell, sync::Arc, time::Duration};
//!
//! use telemetry_spool::{Frame, KindLimits, Limits, Outcome, PrivateFolder, Tally};
//!
//! static LIMITS: Limits = Limits {
//!     kinds: &[KindLimits { kind: 0, batch_frames: 100, kept_days: 14, by_day: false }],
//!     batch_bytes: 256 * 1024,
//!     attempts: 3,
//!     attempts_renewed: Duration::from_secs(60 * 60),
//!     all_bytes: 8 * 1024 * 1024,
//!     free_bytes: 0,
//! };
//!
//! #[derive(Default)]
//! struct Counts {
//!     sent: Cell<u64>,
//! }
//!
//! impl Tally for Counts {
//!     fn count(&self, outcome: Outcome, frames: u64) {
//!         if outcome == Outcome::Sent {
//!             self.sent.set(self.sent.get() + frames);
//!         }
//!     }
//!     fn recover(&self, _frames: u64) {}
//!     fn end_elsewhere(&self, _frames: u64) {}
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let base = tempfile::tempdir()?;
//! let folder = PrivateFolder::open(base.path(), &["acme"], true)?.ok_or("made above")?;
//! let (mut spool, mut backlog) = telemetry_spool::open(Arc::new(folder), "app", [7; 16], &LIMITS);
//! let (counts, now_ms) = (Counts::default(), 1_795_348_800_000);
//! let day = telemetry_spool::day_of(now_ms);
//! spool.append(&Frame { day, digest: [1; 16], destination: [7; 16], kind: 0, body: b"hello" }, now_ms, &counts)?;
//!
//! backlog.begin_upload();
//! while let Some(batch) = backlog.next(now_ms, &|_digest| true, &counts) {
//!     let bodies: Vec<_> = batch.frames().map(|frame| frame.body).collect();
//!     assert_eq!(bodies, [b"hello"]); // Sent somewhere, under `batch.key()`.
//!     let sent = bodies.len() as u64;
//!     backlog.finish(batch, Outcome::Sent, sent, &counts);
//! }
//! assert_eq!(counts.sent.get(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # On disk
//!
//! ```text
//! <folder>/spool/next                    with which folder the next look at all of them begins
//! <folder>/spool/<program>/
//!     <uuid>.part                        a segment: frames, appended by whoever has the lock
//!     <key>.plan                         which of them go into one batch, by range
//!     <uuid>.upload                      several plans in one file, and which of their batches have ended
//!     <key>.done <uuid>.done             which of them have ended
//!     <uuid>.damaged                     set aside: what could be read of it was taken
//!     lock                               the turn: held while plans are made and files removed
//! ```
//!
//! A frame is written once and never copied. Three rules keep it from being lost or sent twice:
//!
//! 1. **Who appends holds the lock on the segment**, for as long as the write takes, and looks after the lock whether the name
//!    still leads to this file. Where a segment is busy, another one is taken or made.
//! 2. **Who makes plans or removes files has the turn**, the lock on `lock`: so a frame is in one plan at most, and a segment
//!    goes when all of its frames have ended, before what says so.
//! 3. **Who sends holds the lock on the plan.** When its end is known, the plan is renamed to `.done`. Plans that
//!    are made at once are one file, an upload, in which each batch is marked when its end is known.
//!
//! The kernel gives a lock back when its owner is gone, however it went, so nothing stale can block. Between attempts nobody
//! holds a plan, and between writes nobody a segment.
//!
//! # Limits
//!
//! Locks are advisory, so the folder has to be on a file system that has them; without them a process has segments of its own.
//! A frame survives the end of its process from the moment [`Spool::append`] returns, and a power failure once its batch was taken. A
//! damaged file costs the frames that were hit; where bodies have zero bytes, one that was made for it could be taken for a frame
//! there. [`Limits`] are the caller's; the constants in [`limits`] are not.
//!
//! Nothing here panics or prints.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod appender;
mod backlog;
mod batch;
mod day;
// Folders by handle, forks, open files and ids are `telemetry-runtime`'s as well, for its small files beside the spool: the rules
// are the same, and both must know of each other's open files. Hidden, because they are no promise to anybody else.
#[doc(hidden)]
pub mod folder;
mod format;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[cfg_attr(not(fuzzing), expect(unreachable_pub, reason = "`fuzz/` reaches them"))]
mod fuzz;
mod known;
pub mod limits;
mod own;
mod planner;
#[doc(hidden)]
pub mod process;
mod recent;
mod segment;
mod spool_folder;
mod standing;
mod tally;
mod upkeep;
#[doc(hidden)]
pub mod uuid;
mod waiting;

use std::sync::Arc;

pub use appender::{AppendError, Spool};
pub use backlog::Backlog;
pub use batch::Batch;
pub use day::day_of;
pub use folder::no_folder::NoFolder;
pub use folder::private::PrivateFolder;
#[doc(hidden)]
pub use folder::private::Staged;
pub use format::frame::{Digest, Frame};
pub use format::frame_buffer::FrameBuffer;
pub use format::names::host_name;
#[doc(hidden)]
pub use format::names::{LOCK, identity};
pub use limits::{KindLimits, Limits};
#[doc(hidden)]
pub use spool_folder::{SPOOL, lock_file, wait_for};
pub use tally::{Outcome, Tally};
pub use waiting::{spooled_for_anyone, spooled_frames};

/// What the fuzz targets of `fuzz/` call; not part of the API.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::fuzz::{name, plan, segment};
}

/// The spool of one program: the half that appends, and the half that sends.
///
/// Nothing is read or written before the first use. `host` is a [`host_name`]; `destination` is where frames of this program
/// go: those with another one are left to programs that have it.
pub fn open(parent: Arc<PrivateFolder>, host: &str, destination: Digest, limits: &'static Limits) -> (Spool, Backlog) {
    let folder = Arc::new(spool_folder::SpoolFolder::new(parent, host, destination, limits));
    (Spool::new(folder.clone()), Backlog::new(folder))
}

#[cfg(all(test, unix))]
mod tests;
