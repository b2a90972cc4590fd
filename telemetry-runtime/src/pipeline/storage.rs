//! What is kept on disk: consent, memory and the spool.
//!
//! ```text
//! <state directory>/telemetry/<sdk>/     SdkDir
//!     README.txt                         what this folder is and how to opt out
//!     consent.json  told                 consent_file, told_file
//!     memory.json                        memory_file
//!     breaker.json  breaker.lock         breaker_file
//!     sent.log                           sent_log
//!     ledger.json  ledger/<uuid>.json    what became of all events; one row for each process that lives: ledger_file
//!     spool/<host program>/
//!         <uuid>.part                    a segment that a process appends to          Spool
//!         <uuid>.ready                   a segment that is complete
//!         <uuid>.batch                   one upload; its name is the idempotency key  Backlog
//!         <uuid>.freeze                  from which segments which batches were made, while that happens
//!         <uuid>.damaged                 set aside: what could be read of it was taken
//!         *.new  *.tmp                   half of something; removed when its writer is gone
//!         lock                           held shared while batches are made, exclusively while all is erased
//! ```
//!
//! One rule gives every file an owner: **whoever owns a file of the spool holds the advisory lock on it**, from its
//! creation to its end, over all its names. The kernel gives the lock back when the owner is gone, however it went. So a
//! file that can be locked has lost its owner and may be taken over, no file has two, and nothing stale can block.
//! Where the file system has no locks, nothing is spooled.
//!
//! Nothing here panics or prints. Functions that can lose events take a [`Tally`] and count every one.

mod aside;
mod backlog;
mod batch;
pub(crate) mod breaker_file;
pub(crate) mod consent_file;
mod crc32c;
#[cfg_attr(unix, path = "storage/dir_unix.rs")]
#[cfg_attr(not(unix), path = "storage/dir_other.rs")]
mod dir;
mod erase;
mod frame;
mod frames;
mod freeze;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(fuzzing), expect(unreachable_pub, reason = "`fuzz/` reaches them"))]
pub(crate) mod fuzz;
mod journal;
pub(crate) mod ledger_file;
pub(crate) mod memory_file;
mod names;
mod place;
mod room;
pub(crate) mod sent_log;
mod spool;
mod state_dir;
pub(crate) mod told_file;
mod uuid;

pub(crate) use backlog::{Backlog, Batch};
pub(crate) use frame::{Digest, Frame};
pub(crate) use names::host_name;
pub(crate) use place::spooled_events;
pub(crate) use spool::Spool;
pub(crate) use state_dir::{SdkDir, Staged, StateDir};
pub(crate) use uuid::uuid7_hour;

use crate::ledger::Outcome;

/// Whoever keeps the ledger.
pub(crate) trait Tally {
    /// Events of this process, or recovered ones, came to an end.
    fn count(&self, outcome: Outcome, events: u64);

    /// Events that another process left behind now belong to this one.
    fn recover(&self, events: u64);
}

/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The UTC day since 1970-01-01 of a time in milliseconds since then.
pub(crate) fn day_of(unix_ms: u64) -> u32 {
    u32::try_from(unix_ms / DAY_MS).unwrap_or(u32::MAX)
}

/// The spool of one SDK and one host program: the half that appends, and the half that sends.
///
/// Nothing is read or written before the first use. `host` is a [`host_name`].
pub(crate) fn open(sdk: std::sync::Arc<SdkDir>, host: &str) -> (Spool, Backlog) {
    let place = std::sync::Arc::new(place::Place::new(sdk, host));
    (Spool::new(place.clone()), Backlog::new(place))
}

#[cfg(all(test, unix))]
pub(crate) mod tests;
