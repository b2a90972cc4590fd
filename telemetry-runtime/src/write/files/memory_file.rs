//! `memory.json`: what is remembered over restarts so that sampling, throttle and the daily count hold.
//!
//! It is a convenience, never a decision: what cannot be read is left out, part by part, and an event is at worst recorded
//! once more than it should be. SDKs of one name share it; active days are kept for each destination.

#[cfg_attr(in_page, path = "memory_file/format_page.rs")]
pub(crate) mod format;
#[cfg(all(test, native))]
#[expect(dead_code, reason = "pages use it; tested where tests run")]
#[path = "memory_file/format_page.rs"]
mod page_format;

use std::{borrow::Borrow, fs::File, io};

use telemetry_schema::json::Json;
use telemetry_spool::process::Tracked;

pub(crate) use self::format::{NAME, parse};
use crate::base::collections::{BTreeMap, BTreeSet};
use crate::{
    base::limits::{ENDPOINTS, MEMORY_ENTRIES, ROLLING_HOURS},
    record::throttle,
    write::files::active_days::{self, ActiveDays},
    write::files::day_counts::{self, DayCounts},
    write::files::lock_file,
    write::files::state_dir::SdkDir,
};

/// Held exclusively while the file is read and replaced.
pub(crate) const LOCK: &str = "memory.lock";

/// Parts of which it depends on the declarations whether somebody needs them.
const ACTIVE: &str = "active";
const COUNTS: &str = "counts";

/// What is remembered. Days are UTC days since 1970-01-01, ticks are quarters of an hour since then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The day's sample roll for sampling.
    pub(crate) sample_roll: Option<SampleRoll>,
    /// The day that `seen` speaks of.
    pub(crate) throttle_day: u32,
    /// Marks of events that were recorded on that day.
    pub(crate) seen: BTreeSet<u64>,
    /// Marks of events with a rolling throttle, and the tick at which each expires.
    pub(crate) rolling: BTreeMap<u64, u32>,
    /// When this installation was counted as active, the latest last; at most [`ENDPOINTS`].
    pub(crate) active: Vec<ActiveDays>,
    /// Whom a server has told to stop, the latest last; at most [`ENDPOINTS`].
    pub(crate) gone: Vec<Gone>,
    /// How often counters were recorded on days that are not over. The file alone knows: it is added to, and never merged.
    pub(crate) counts: DayCounts,
    /// Parts of the file that nothing here needs: they stay as they are.
    pub(crate) others: Vec<(String, Json)>,
}

/// One sample roll per SDK, UTC day and state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SampleRoll {
    /// The day it is good for.
    pub(crate) day: u32,
    /// 32 random bits.
    pub(crate) value: u32,
}

/// Whom the server answered 410.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The endpoint that answered.
    pub(crate) endpoint: String,
    /// The version of the SDK that asked.
    pub(crate) version: String,
}

impl Memory {
    /// Adds what another process remembers.
    ///
    /// Of two days the later one counts, of one day everything. The other's sample roll wins, because the file had it first:
    /// two processes that roll on the same day end with the same roll.
    pub(crate) fn merge(&mut self, other: Self) {
        let Self { sample_roll, throttle_day, seen, rolling, active, gone, counts, others } = other;
        self.sample_roll = match (self.sample_roll, sample_roll) {
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
            let ours = self.rolling.get(&mark).copied().unwrap_or_default();
            self.rolling.insert(mark, expires.max(ours));
        }
        self.others = others;
        if let Some(merge_all) = active_days::needed() {
            merge_all(&mut self.active, active);
        }
        // What the user has cleared stays cleared.
        self.gone = gone;
        if day_counts::needed().is_some() {
            self.counts = counts;
        }
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

    /// The days on which a destination has counted this installation.
    pub(crate) fn active_days(&self, destination: &str) -> Option<&ActiveDays> {
        let of = |destination: &str| self.active.iter().find(|days| days.destination == destination);
        of(destination).or_else(|| of(""))
    }

    /// A destination has counted this installation today, with this version.
    pub(crate) fn count_active(&mut self, destination: &str, today: u32, version: &str) {
        let mut days = self.active_days(destination).cloned().unwrap_or_else(|| ActiveDays::first(today));
        days.count(today, version);
        days.destination = destination.to_owned();
        self.active.retain(|days| days.destination != destination && !days.destination.is_empty());
        self.active.push(days);
    }

    /// Forgets rolling marks that have expired, and those of a clock that was ahead.
    pub(crate) fn forget_expired(&mut self, now: u32) {
        let last = throttle::rolling_until(now, ROLLING_HOURS);
        self.rolling.retain(|_, expires| *expires > now && *expires <= last);
    }

    /// Keeps to [`MEMORY_ENTRIES`] and [`ENDPOINTS`]. Marks are hashes, so which ones go is as good as chance.
    fn bound(&mut self) {
        keep_last(&mut self.gone);
        if active_days::needed().is_some() {
            keep_last(&mut self.active);
        }
        if let Some(bound) = day_counts::needed() {
            bound(&mut self.counts);
        }
        while self.seen.len() > MEMORY_ENTRIES {
            self.seen.pop_last();
        }
        while self.rolling.len() > MEMORY_ENTRIES {
            self.rolling.pop_last();
        }
    }
}

/// Keeps the last [`ENDPOINTS`].
fn keep_last<T>(values: &mut Vec<T>) {
    let mut more = values.len().saturating_sub(ENDPOINTS);
    values.retain(|_| {
        let keeps = more == 0;
        more = more.saturating_sub(1);
        keeps
    });
}

/// Reads the file; an empty memory if that cannot be done.
pub(crate) fn load(dir: &SdkDir) -> Memory {
    dir.read_small(NAME).ok().flatten().and_then(|bytes| parse(&bytes)).unwrap_or_default()
}

/// The turn of this process to read and replace the file, for as long as it is open; `None` where there are no locks, or another
/// process keeps it.
pub(crate) fn turn(dir: &SdkDir) -> Option<Tracked<File>> {
    lock_file::lock_named(dir, LOCK).ok()
}

/// As [`turn`], for what must not be done twice: `None` only while another process keeps it.
pub(crate) fn turn_if_any(dir: &SdkDir) -> Option<Option<Tracked<File>>> {
    turn_named(dir, LOCK)
}

/// As [`turn_if_any`], of another file with a lock of its own.
pub(crate) fn turn_named(dir: &SdkDir, lock: &str) -> Option<Option<Tracked<File>>> {
    match lock_file::lock_named(dir, lock) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        lock => Some(lock.ok()),
    }
}

/// Replaces the file by what becomes of it, as the only process that does so at this moment: of two that replace it at once,
/// one would forget what the other has learnt, a server's 410 perhaps. Where there are no locks, it goes on without.
///
/// # Errors
///
/// If it could not be written, or another process keeps the lock, which it needs for a millisecond; the file is as it was.
pub(crate) fn update<M: Borrow<Memory>>(dir: &SdkDir, change: impl FnOnce(Memory) -> M) -> io::Result<()> {
    let Some(_turn) = turn_if_any(dir) else { return Err(io::ErrorKind::WouldBlock.into()) };
    store(dir, change(load(dir)).borrow())
}

/// How often it is tried to write down what must not be forgotten; each try waits for the lock.
pub(crate) const TRIES: u32 = 5;

/// The user has said no: what was counted is no event any more. A process that counts at this moment looks at the decision under
/// the same lock.
pub(crate) fn forget_counts(dir: &SdkDir) {
    // Who counts makes the lock first, and looks at the decision after that: without a lock nobody does, and no lock is made where
    // nothing was counted, since whoever has said no finds nothing written.
    let is_counts = |(name, _): &(String, Json)| name == COUNTS;
    let has_counts = |there: &Memory| !there.counts.is_empty() || there.others.iter().any(is_counts);
    if matches!(dir.read_small(LOCK), Ok(None)) && !has_counts(&load(dir)) {
        return;
    }
    let forget = || {
        let Some(_turn) = turn_if_any(dir) else { return Err(io::ErrorKind::WouldBlock.into()) };
        let mut there = load(dir);
        if !has_counts(&there) {
            return Ok(());
        }
        there.counts.clear();
        there.others.retain(|other| !is_counts(other));
        store(dir, &there)
    };
    if (0..TRIES).all(|_| forget().is_err()) {
        // What else it remembers is worth less than the user's word.
        let _ = dir.remove(NAME);
    }
}

/// Replaces the file. Not flushed: losing it to a power failure is harmless.
///
/// # Errors
///
/// If it could not be written; the file is as it was.
pub(crate) fn store(dir: &SdkDir, memory: &Memory) -> io::Result<()> {
    dir.replace_small(NAME, &format::render(memory), false)
}

#[cfg(all(test, unix))]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::write::test_kit::Home;

    fn gone(version: &str) -> Gone {
        Gone { endpoint: "https://t.example".into(), version: version.into() }
    }

    fn active(destination: &str, last_day: u32, first_day: u32) -> ActiveDays {
        ActiveDays {
            destination: destination.to_owned(),
            last_day,
            first_day,
            days: [first_day, last_day].into(),
            versions: Vec::new(),
        }
    }

    fn memory() -> Memory {
        Memory {
            sample_roll: Some(SampleRoll { day: 20_000, value: u32::MAX }),
            throttle_day: 20_000,
            seen: [1, u64::MAX].into(),
            rolling: [(7, 480_000)].into(),
            active: vec![active("00ff", 20_000, 19_000)],
            gone: vec![gone("1.0.0")],
            counts: DayCounts::new(),
            others: Vec::new(),
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
            "{\"version\":1,\"sample_roll\":{\"day\":20000,\"value\":4294967295},\
             \"throttle\":{\"day\":20000,\"seen\":[\"0000000000000001\",\"ffffffffffffffff\"]},\
             \"rolling\":[[\"0000000000000007\",480000]],\"active\":[{\"destination\":\"00ff\",\"last_day\":20000,\"first_day\":19000,\
             \"days\":[19000,20000]}],\
             \"gone\":[{\"endpoint\":\"https://t.example\",\"version\":\"1.0.0\"}]}"
        );
    }

    #[test]
    fn unreadable_memory_is_empty() {
        let home = Home::new();
        for text in ["", "{", "[]", "{\"version\":1}", "{\"version\":9,\"throttle\":{\"day\":1,\"seen\":[]}}", "\0\0\0"]
        {
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
    fn o13_a_part_of_an_unexpected_type_costs_that_part_alone() {
        let home = Home::new();
        let dir = home.sdk();
        store(&dir, &memory()).unwrap();
        let whole: Value = serde_json::from_slice(&std::fs::read(home.file(NAME)).unwrap()).unwrap();
        let wrong = [Value::Null, serde_json::json!({}), 7.into(), "x".into(), serde_json::json!([null, {}, 7, ["x"]])];
        for part in ["sample_roll", "throttle", "rolling", "active", "gone"] {
            let expected = match part {
                "sample_roll" => Memory { sample_roll: None, ..memory() },
                "throttle" => Memory { throttle_day: 0, seen: BTreeSet::new(), ..memory() },
                "rolling" => Memory { rolling: BTreeMap::new(), ..memory() },
                "active" => Memory { active: Vec::new(), ..memory() },
                _ => Memory { gone: Vec::new(), ..memory() },
            };
            for wrong in &wrong {
                let mut document = whole.clone();
                document[part] = wrong.clone();
                std::fs::write(home.file(NAME), document.to_string()).unwrap();
                assert_eq!(load(&dir), expected, "{part}: {wrong}");
            }
            let mut document = whole.clone();
            document.as_object_mut().unwrap().remove(part);
            std::fs::write(home.file(NAME), document.to_string()).unwrap();
            assert_eq!(load(&dir), expected, "without {part}");
        }
        // One entry that cannot be read costs the others nothing, and one that stands alone is itself.
        let mut document = whole;
        document["gone"] = serde_json::json!({"endpoint": "https://t.example", "version": "1.0.0"});
        document["rolling"] = serde_json::json!([["x", 1], ["0000000000000007", 480000], 3]);
        std::fs::write(home.file(NAME), document.to_string()).unwrap();
        assert_eq!(load(&dir), memory());
    }

    #[test]
    fn o15_each_destination_counts_the_days_of_its_own() {
        let mut memory = Memory::default();
        memory.count_active("one", 10, "1");
        assert_eq!(memory.active_days("other"), None);
        memory.count_active("other", 12, "1");
        memory.count_active("one", 13, "2");
        let of = |versions: &[&str], days: ActiveDays| {
            let versions = versions.iter().map(|version| (*version).to_owned()).collect();
            ActiveDays { versions, ..days }
        };
        assert_eq!(memory.active, [of(&["1"], active("other", 12, 12)), of(&["1", "2"], active("one", 13, 10))]);
        // What is known from before goes on with whoever asks first.
        let file = r#"{"version":1,"active":[{"last_day":9,"first_day":8}]}"#;
        let mut earlier = parse(file.as_bytes()).unwrap();
        assert!(earlier.active_days("one").unwrap().any(|day| day == 9));
        earlier.count_active("one", 10, "1");
        earlier.merge(parse(file.as_bytes()).unwrap());
        let days = [9, 10].into();
        assert_eq!(earlier.active, [of(&["1"], ActiveDays { days, ..active("one", 10, 8) })]);
    }

    #[test]
    fn o13_processes_that_write_together_forget_nothing() {
        let home = Home::new();
        std::thread::scope(|scope| {
            for process in 0..4 {
                let home = &home;
                scope.spawn(move || {
                    let dir = home.sdk();
                    for number in 0..25 {
                        let add = |mut memory: Memory| {
                            memory.seen.insert(process * 100 + number);
                            memory
                        };
                        // Waits longer than any machine is busy: what is tested is the lock, not its patience.
                        while update(&dir, add).is_err() {}
                    }
                });
            }
        });
        assert_eq!(load(&home.sdk()).seen.len(), 100);
    }

    #[test]
    fn o13_who_cannot_have_the_lock_leaves_the_file_as_it_was() {
        let home = Home::new();
        let dir = home.sdk();
        store(&dir, &memory()).unwrap();
        let held = lock_file::lock_named(&dir, LOCK).unwrap();
        assert_eq!(update(&dir, |_| Memory::default()).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(load(&dir), memory());
        drop(held);
        update(&dir, |_| Memory::default()).unwrap();
        assert_eq!(load(&dir), Memory::default());
    }

    #[test]
    fn r13_what_was_counted_goes_also_where_somebody_keeps_the_lock() {
        let home = Home::new();
        let dir = home.sdk();
        forget_counts(&dir);
        assert!(!home.file(LOCK).exists(), "nothing is made where nothing was counted");
        let row = r#"{"version":1,"counts":[[{"day":1,"host":"a","destination":"0","digest":"0","kind":0,"before":"{","after":"}"},{"count":1,"id":"}"}]]}"#;
        let counted = Memory { counts: parse(row.as_bytes()).unwrap().counts, ..memory() };
        assert_eq!(counted.counts.len(), 1);
        store(&dir, &counted).unwrap();
        forget_counts(&dir);
        assert_eq!(load(&dir), memory(), "and nothing else goes");
        store(&dir, &counted).unwrap();
        let held = lock_file::lock_named(&dir, LOCK).unwrap();
        forget_counts(&dir);
        assert_eq!(load(&dir).counts, DayCounts::new());
        drop(held);
    }

    #[test]
    fn merging_unites_one_day_and_prefers_the_later() {
        let mut ours = memory();
        ours.sample_roll = Some(SampleRoll { day: 20_000, value: 1 });
        let mut theirs = memory();
        theirs.seen = [5].into();
        theirs.rolling = [(7, 480_001), (8, 1)].into();
        theirs.active = vec![active("00ff", 20_001, 19_500), active("other", 20_000, 20_000)];
        ours.merge(theirs.clone());
        assert_eq!(ours.seen, [1, 5, u64::MAX].into());
        assert_eq!(ours.sample_roll.unwrap().value, u32::MAX, "the file's sample_roll");
        assert_eq!(ours.rolling, [(7, 480_001), (8, 1)].into());
        let days = [19_000, 19_500, 20_000, 20_001].into();
        let united = ActiveDays { days, ..active("00ff", 20_001, 19_000) };
        assert_eq!(ours.active, [united, active("other", 20_000, 20_000)]);
        theirs.throttle_day = 20_001;
        theirs.sample_roll = Some(SampleRoll { day: 19_999, value: 9 });
        ours.merge(theirs.clone());
        assert_eq!((ours.throttle_day, ours.seen.clone()), (20_001, theirs.seen));
        assert_eq!(ours.sample_roll.unwrap().day, 20_000);
        ours.merge(memory());
        assert_eq!(ours.throttle_day, 20_001, "an older day adds nothing");
        ours.rolling.insert(9, 480_002 + 4 * ROLLING_HOURS);
        ours.forget_expired(480_000);
        assert_eq!(ours.rolling, [(7, 480_001)].into(), "neither the one that is over nor the one of a wrong clock");
    }
}
