//! `memory.json`: what is remembered over restarts so that sampling, throttle and the daily count hold.
//!
//! It is a convenience, never a decision: what cannot be read is an empty memory, and an event is at worst recorded once
//! more than it should be.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use serde::{Deserialize, Serialize};

use super::SdkDir;
use crate::pipeline::{
    limits::{ENDPOINTS, MEMORY_ENTRIES, ROLLING_HOURS},
    throttle,
};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "memory.json";

/// The one version that is read and written.
const VERSION: u32 = 1;

/// What is remembered. Days are UTC days since 1970-01-01, ticks are quarters of an hour since then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The day's draw for sampling.
    pub(crate) draw: Option<Draw>,
    /// The day that `seen` speaks of.
    pub(crate) throttle_day: u32,
    /// Marks of events that were recorded on that day.
    pub(crate) seen: BTreeSet<u64>,
    /// Marks of events with a rolling throttle, and the tick at which each expires.
    pub(crate) rolling: BTreeMap<u64, u32>,
    /// When this installation was counted as active.
    pub(crate) active: Option<ActiveDays>,
    /// Whom a server has told to stop, the latest last; at most [`ENDPOINTS`].
    pub(crate) gone: Vec<Gone>,
}

/// One draw per SDK, UTC day and state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draw {
    /// The day it is good for.
    pub(crate) day: u32,
    /// 32 random bits.
    pub(crate) value: u32,
}

/// The days on which this installation was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActiveDays {
    /// The latest one.
    pub(crate) last_day: u32,
    /// The first one ever.
    pub(crate) first_day: u32,
}

/// Whom the server answered 410.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    /// The endpoint that answered.
    pub(crate) endpoint: String,
    /// The version of the SDK that asked.
    pub(crate) version: String,
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    draw: Option<Draw>,
    throttle: Seen,
    rolling: Vec<(String, u32)>,
    active: Option<ActiveDays>,
    gone: Vec<Gone>,
}

#[derive(Serialize, Deserialize)]
struct Seen {
    day: u32,
    seen: Vec<String>,
}

impl Memory {
    /// Adds what another process remembers.
    ///
    /// Of two days the later one counts, of one day everything. The other's draw wins, because the file had it first:
    /// two processes that draw on the same day end with the same draw.
    pub(crate) fn merge(&mut self, other: Self) {
        let Self { draw, throttle_day, seen, rolling, active, gone } = other;
        self.draw = match (self.draw, draw) {
            (Some(ours), Some(theirs)) if ours.day > theirs.day => Some(ours),
            (ours, theirs) => theirs.or(ours),
        };
        if throttle_day > self.throttle_day {
            self.throttle_day = throttle_day;
            self.seen = seen;
        } else if throttle_day == self.throttle_day {
            self.seen.extend(seen);
        }
        for (mark, expires) in rolling {
            let ours = self.rolling.entry(mark).or_insert(expires);
            *ours = expires.max(*ours);
        }
        self.active = match (self.active, active) {
            (Some(ours), Some(theirs)) => Some(ActiveDays {
                last_day: ours.last_day.max(theirs.last_day),
                first_day: ours.first_day.min(theirs.first_day),
            }),
            (ours, theirs) => ours.or(theirs),
        };
        // What the user has cleared stays cleared.
        self.gone = gone;
        self.bound();
    }

    /// Remembers that a server wants no more of this version.
    pub(crate) fn remember_gone(&mut self, gone: Gone) {
        if !self.is_gone(&gone.endpoint, &gone.version) {
            self.gone.push(gone);
        }
    }

    /// Whether the server at `endpoint` wants no more of `version`.
    pub(crate) fn is_gone(&self, endpoint: &str, version: &str) -> bool {
        self.gone.iter().any(|gone| gone.endpoint == endpoint && gone.version == version)
    }

    /// Forgets rolling marks that have expired, and those of a clock that was ahead.
    pub(crate) fn forget_expired(&mut self, now: u32) {
        let last = throttle::rolling_until(now, ROLLING_HOURS);
        self.rolling.retain(|_, expires| *expires > now && *expires <= last);
    }

    /// Keeps to [`MEMORY_ENTRIES`] and [`ENDPOINTS`]. Marks are hashes, so which ones go is as good as chance.
    fn bound(&mut self) {
        self.gone.drain(..self.gone.len().saturating_sub(ENDPOINTS));
        while self.seen.len() > MEMORY_ENTRIES {
            self.seen.pop_last();
        }
        while self.rolling.len() > MEMORY_ENTRIES {
            self.rolling.pop_last();
        }
    }
}

/// Reads the file; an empty memory if that cannot be done.
pub(crate) fn load(dir: &SdkDir) -> Memory {
    dir.read_small(NAME).ok().flatten().and_then(|bytes| parse(&bytes)).unwrap_or_default()
}

pub(super) fn parse(bytes: &[u8]) -> Option<Memory> {
    let Document { version: VERSION, draw, throttle, rolling, active, gone } = serde_json::from_slice(bytes).ok()?
    else {
        return None;
    };
    let mark = |hex: &str| u64::from_str_radix(hex, 16).ok();
    let mut memory = Memory {
        draw,
        throttle_day: throttle.day,
        seen: throttle.seen.iter().filter_map(|hex| mark(hex)).collect(),
        rolling: rolling.iter().filter_map(|(hex, expires)| Some((mark(hex)?, *expires))).collect(),
        active,
        gone,
    };
    memory.bound();
    Some(memory)
}

/// Replaces the file. Not flushed: losing it to a power failure is harmless.
///
/// # Errors
///
/// If it could not be written; the file is as it was.
pub(crate) fn store(dir: &SdkDir, memory: &Memory) -> io::Result<()> {
    let mut bounded = memory.clone();
    bounded.bound();
    let Memory { draw, throttle_day, seen, rolling, active, gone } = bounded;
    let hex = |mark: u64| format!("{mark:016x}");
    let document = Document {
        version: VERSION,
        draw,
        throttle: Seen { day: throttle_day, seen: seen.into_iter().map(hex).collect() },
        rolling: rolling.into_iter().map(|(mark, expires)| (hex(mark), expires)).collect(),
        active,
        gone,
    };
    dir.replace_small(NAME, &serde_json::to_vec(&document)?, false)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::pipeline::storage::tests::Home;

    fn gone(version: &str) -> Gone {
        Gone { endpoint: "https://t.example".into(), version: version.into() }
    }

    fn memory() -> Memory {
        Memory {
            draw: Some(Draw { day: 20_000, value: u32::MAX }),
            throttle_day: 20_000,
            seen: [1, u64::MAX].into(),
            rolling: [(7, 480_000)].into(),
            active: Some(ActiveDays { last_day: 20_000, first_day: 19_000 }),
            gone: vec![gone("1.0.0")],
        }
    }

    #[test]
    fn memory_reads_back_as_documented() {
        let home = Home::new();
        let dir = home.sdk();
        assert_eq!(load(&dir), Memory::default());
        store(&dir, &memory()).unwrap();
        assert_eq!(load(&dir), memory());
        let json = std::fs::read_to_string(home.file(NAME)).unwrap();
        assert_eq!(
            json,
            "{\"version\":1,\"draw\":{\"day\":20000,\"value\":4294967295},\
             \"throttle\":{\"day\":20000,\"seen\":[\"0000000000000001\",\"ffffffffffffffff\"]},\
             \"rolling\":[[\"0000000000000007\",480000]],\"active\":{\"last_day\":20000,\"first_day\":19000},\
             \"gone\":[{\"endpoint\":\"https://t.example\",\"version\":\"1.0.0\"}]}"
        );
    }

    #[test]
    fn unreadable_memory_is_empty() {
        let home = Home::new();
        for text in ["", "{", "[]", "{\"version\":1}", "{\"version\":9}", "\0\0\0"] {
            std::fs::write(home.file(NAME), text).unwrap();
            assert_eq!(load(&home.sdk()), Memory::default(), "{text}");
        }
    }

    #[test]
    fn a_full_memory_fits_the_file_and_the_bound() {
        let home = Home::new();
        let mut full = memory();
        full.seen = (0..10_000).map(|number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        full.rolling = full.seen.iter().map(|mark| (*mark, u32::MAX)).collect();
        store(&home.sdk(), &full).unwrap();
        let read = load(&home.sdk());
        assert_eq!((read.seen.len(), read.rolling.len()), (MEMORY_ENTRIES, MEMORY_ENTRIES));
    }

    #[test]
    fn o13_every_version_that_a_server_has_stopped_is_remembered_and_the_oldest_goes_first() {
        let home = Home::new();
        let dir = home.sdk();
        // Each version remembers its own answer, and none knows of the others but from the file.
        for number in 0..=ENDPOINTS {
            let mut ours = Memory::default();
            ours.merge(load(&dir));
            ours.remember_gone(gone(&format!("1.{number}.0")));
            store(&dir, &ours).unwrap();
        }
        let read = load(&dir);
        let known = |number: usize| read.is_gone("https://t.example", &format!("1.{number}.0"));
        assert!(!known(0) && (1..=ENDPOINTS).all(known), "{read:?}");
        assert!(!read.is_gone("https://other.example", "1.1.0"));
    }

    #[test]
    fn merging_unites_one_day_and_prefers_the_later() {
        let mut ours = memory();
        ours.draw = Some(Draw { day: 20_000, value: 1 });
        let mut theirs = memory();
        theirs.seen = [5].into();
        theirs.rolling = [(7, 480_001), (8, 1)].into();
        theirs.active = Some(ActiveDays { last_day: 20_001, first_day: 19_500 });
        ours.merge(theirs.clone());
        assert_eq!(ours.seen, [1, 5, u64::MAX].into());
        assert_eq!(ours.draw.unwrap().value, u32::MAX, "the file's draw");
        assert_eq!(ours.rolling, [(7, 480_001), (8, 1)].into());
        assert_eq!(ours.active, Some(ActiveDays { last_day: 20_001, first_day: 19_000 }));
        theirs.throttle_day = 20_001;
        theirs.draw = Some(Draw { day: 19_999, value: 9 });
        ours.merge(theirs.clone());
        assert_eq!((ours.throttle_day, ours.seen.clone()), (20_001, theirs.seen));
        assert_eq!(ours.draw.unwrap().day, 20_000);
        ours.merge(memory());
        assert_eq!(ours.throttle_day, 20_001, "an older day adds nothing");
        ours.rolling.insert(9, 480_002 + 4 * ROLLING_HOURS);
        ours.forget_expired(480_000);
        assert_eq!(ours.rolling, [(7, 480_001)].into(), "neither the one that is over nor the one of a wrong clock");
    }
}
