//! What the spool is told of events: limits for each wire format, and what the ledger calls its outcomes.

use std::sync::Arc;

use telemetry_schema::{Identity, Wire};
use telemetry_spool::{self as spool, Backlog, Digest, KindLimits, Limits, Spool, Tally, limits::FRAME_BYTES};

use crate::{
    base::{
        ended,
        limits::{
            ATTEMPTS, ATTEMPTS_RENEWED, BATCH_BYTES, EVENT_BYTES, FREE_BYTES, SDK_SPOOL_BYTES, batch_events, kept_days,
        },
    },
    count::ledger::{Ledger, Outcome},
    write::{files::state_dir::SdkDir, worker_thread},
};

/// Decided here, and by no SDK: programs share these folders.
static LIMITS: Limits = limits(&KINDS);

/// As [`LIMITS`], where events carry an id of the installation: no request has those of two days, and so none has two ids.
static LIMITS_WITH_ID: Limits = limits(&KINDS_WITH_ID);

static KINDS: [KindLimits; Wire::ALL.len()] = kinds(false);
static KINDS_WITH_ID: [KindLimits; Wire::ALL.len()] = kinds(true);

const fn limits(kinds: &'static [KindLimits]) -> Limits {
    Limits {
        kinds,
        batch_bytes: BATCH_BYTES,
        attempts: ATTEMPTS,
        attempts_renewed: ATTEMPTS_RENEWED,
        all_bytes: SDK_SPOOL_BYTES,
        free_bytes: FREE_BYTES,
    }
}

/// A wire format is a kind of frame.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn kinds(with_id: bool) -> [KindLimits; Wire::ALL.len()] {
    let mut kinds = [limits_of(Wire::ALL[0], with_id); Wire::ALL.len()];
    let mut at = 0;
    while at < kinds.len() {
        kinds[at] = limits_of(Wire::ALL[at], with_id);
        at += 1;
    }
    kinds
}

const fn limits_of(wire: Wire, with_id: bool) -> KindLimits {
    KindLimits {
        kind: wire.format().code,
        batch_frames: batch_events(wire),
        kept_days: kept_days(wire),
        // Where an event has no time of its own, the request tells its day.
        by_day: with_id || !wire.has_ids(),
    }
}

/// An event of the size that is let through is a frame.
const _: () = assert!(EVENT_BYTES <= FRAME_BYTES);

/// The wire format of a kind of frame; `None` for one that no version of ours has.
pub(crate) fn wire_of(kind: u8) -> Option<Wire> {
    Wire::ALL.into_iter().find(|wire| wire.format().code == kind)
}

/// The spool of one SDK and host program; `identity` is what the SDK declares.
pub(crate) fn open(dir: Arc<SdkDir>, host: &str, destination: Digest, identity: Option<Identity>) -> (Spool, Backlog) {
    let limits = if identity.is_some() { &LIMITS_WITH_ID } else { &LIMITS };
    let (spool, mut backlog) = spool::open(dir, host, destination, limits);
    backlog.stop_when(ended::is_shut_down);
    (spool, backlog)
}

impl Tally for Ledger {
    /// Whatever the spool counts was spooled or recovered before.
    fn count(&self, outcome: spool::Outcome, events: u64) {
        self.count_spooled(outcome.into(), events);
        worker_thread::look();
    }

    fn recover(&self, events: u64) {
        self.recover(events);
    }

    fn end_elsewhere(&self, events: u64) {
        self.end_elsewhere(events);
    }
}

/// What the ledger calls it.
impl From<spool::Outcome> for Outcome {
    fn from(outcome: spool::Outcome) -> Self {
        match outcome {
            spool::Outcome::Sent => Self::Sent,
            spool::Outcome::Rejected => Self::Rejected,
            spool::Outcome::Unknown => Self::Unknown,
            spool::Outcome::Oversize => Self::Oversize,
            spool::Outcome::Disk => Self::Disk,
            spool::Outcome::Evicted => Self::Evicted,
            spool::Outcome::Expired => Self::Expired,
            spool::Outcome::Corrupt => Self::Corrupt,
            spool::Outcome::Discarded => Self::Vetoed,
            spool::Outcome::Erased => Self::OptedOut,
            spool::Outcome::OtherDestination => Self::OtherDestination,
        }
    }
}
