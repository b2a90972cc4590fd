//! The spool's limits: bytes, files and free disk. The oldest goes first, and is counted.

use super::{
    DAY_MS, Tally, aside,
    dir::Dir,
    names::{Kind, Name},
    place::{Held, Listing, Place, count_events, list, list_among, take_over},
};
use crate::{
    ledger::Outcome,
    pipeline::limits::{FREE_BYTES, KEPT_DAYS, SPOOL_BYTES, SPOOL_FILES},
};

/// What is in the spool.
struct Survey {
    /// What goes first stands first.
    files: Vec<(Name, u64)>,
    bytes: u64,
    /// Nothing was left unseen.
    complete: bool,
}

fn survey(dir: &Dir) -> Survey {
    let Listing { all, complete, .. } = list(dir).unwrap_or_default();
    let mut found = Survey { files: Vec::new(), bytes: 0, complete };
    for name in all {
        if let Ok(len) = dir.len(name.as_str()) {
            found.bytes += len;
            found.files.push((name, len));
        }
    }
    // Nobody waits for what was set aside.
    found.files.sort_by_key(|(name, _)| name.kind() != Kind::Damaged);
    found
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// What is in the spool belongs to other processes that are alive, or the disk is nearly full.
    Full,
    /// There are more files in the folder than are looked at, ours or foreign ones.
    Crowded,
}

/// Makes room for `need` further bytes, and for a file more if `new_file`; answers with the number of bytes that are in
/// the spool then. Removes at most [`SPOOL_FILES`] files at one go.
///
/// # Errors
///
/// [`NoRoom`] if there is none.
pub(super) fn make(place: &Place, dir: &Dir, need: u64, new_file: bool, tally: &dyn Tally) -> Result<u64, NoRoom> {
    if new_file && dir.free_bytes().is_some_and(|free| free < FREE_BYTES) {
        return Err(NoRoom::Full);
    }
    let Survey { files, mut bytes, complete } = survey(dir);
    let mut count = files.len() + usize::from(new_file);
    for (name, len) in files.into_iter().take(SPOOL_FILES) {
        if bytes + need <= SPOOL_BYTES && count <= SPOOL_FILES {
            break;
        }
        if matches!(name.kind(), Kind::Journal | Kind::Staged) {
            continue; // A part of something whole; `freeze` knows what to do with it.
        }
        let ours = place.lend(|held| held.name == name);
        if let Some(held) = ours.or_else(|| take_over(dir, &name).inspect(|held| recover(held, tally)))
            && discard(place, dir, &held, Outcome::Evicted, tally)
        {
            bytes = bytes.saturating_sub(len);
            count = count.saturating_sub(1);
        }
    }
    if !complete {
        Err(NoRoom::Crowded)
    } else if bytes + need > SPOOL_BYTES || count > SPOOL_FILES {
        Err(NoRoom::Full)
    } else {
        Ok(bytes)
    }
}

/// How much one start looks at.
pub(super) struct Looks {
    /// Entries of folders.
    pub(super) entries: usize,
    /// Files of ours.
    pub(super) files: usize,
}

/// Removes files without owner that are older than any event may be: what a host program that is never started again
/// has left, and what a later version of this crate wrote.
pub(super) fn expire(place: &Place, dir: &Dir, unix_ms: u64, looks: &mut Looks, tally: &dyn Tally) {
    let found = list_among(dir, looks.entries).unwrap_or_default();
    looks.entries = looks.entries.saturating_sub(found.seen + 1);
    for name in found.all {
        if looks.files == 0 {
            return;
        }
        looks.files -= 1;
        // One day more than events may wait: a segment's name tells the age of its first event only.
        if name.age_ms(unix_ms) <= u64::from(KEPT_DAYS + 1) * DAY_MS || matches!(name.kind(), Kind::Journal) {
            continue;
        }
        if let Some(held) = take_over(dir, &name) {
            recover(&held, tally);
            discard(place, dir, &held, Outcome::Expired, tally);
        }
    }
}

/// Counts the events of a file that was taken over, unless the ledger knows them.
pub(super) fn recover(held: &Held, tally: &dyn Tally) {
    if held.events.is_none() {
        tally.recover(count_events(held));
    }
}

/// Removes a file of ours and counts its events; `false` if it stays.
pub(super) fn discard(place: &Place, dir: &Dir, held: &Held, outcome: Outcome, tally: &dyn Tally) -> bool {
    if dir.is_gone(held.name.as_str(), &held.file) {
        count_vanished(place, held, tally);
        return true;
    }
    let events = count_events(held);
    // A file that cannot be removed is given up for this process all the same: it stays lent, so that it is not counted
    // again here. Its lock goes with `held`, and the next process finds it.
    let removed = match outcome {
        Outcome::Corrupt if events > 0 => aside::put(dir, &held.name).is_ok(),
        _ => dir.remove(held.name.as_str()).is_ok(),
    };
    if removed {
        place.end(held);
    } else {
        place.give_up(held);
    }
    // What may have arrived is not known to be lost.
    tally.count(if held.ambiguous { Outcome::Unknown } else { outcome }, events);
    removed
}

/// Counts a file of ours that somebody removed.
pub(super) fn count_vanished(place: &Place, held: &Held, tally: &dyn Tally) {
    place.end(held);
    tally.count(if held.ambiguous { Outcome::Unknown } else { Outcome::OptedOut }, count_events(held));
}

/// Counts files of ours that somebody removed: `off` or `erase` in another process.
pub(super) fn drop_vanished(place: &Place, dir: &Dir, tally: &dyn Tally) {
    while let Some(held) = place.lend(|held| dir.is_gone(held.name.as_str(), &held.file)) {
        count_vanished(place, &held, tally);
    }
}

/// Counts all files on the shelf as removed by somebody.
pub(super) fn drop_all(place: &Place, tally: &dyn Tally) {
    for held in place.clear() {
        count_vanished(place, &held, tally);
    }
}
