//! Makes batches of segments: our own that are complete, and those of processes that are gone.

use std::io;

use telemetry_schema::Wire;

use super::{
    Tally,
    batch::{is_expired, plan, stage},
    dir::Dir,
    frame::{Head, SEGMENT_MAGIC, head},
    frames::{Frames, contents},
    journal::{self, Change, Left},
    names::{Kind, Name},
    place::{self, Held, Place, list, lock_file, take_over},
    room,
    uuid::{uuid7, uuid7_hour},
};
use crate::{
    ledger::Outcome,
    pipeline::limits::{FREEZE_BYTES, FREEZE_FILES, FROZEN_BATCHES},
};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// A segment that is being frozen.
struct Source {
    held: Held,
    bytes: Vec<u8>,
}

/// What the segments of one freeze have in common. A veto discards what this process has recorded and nothing else, so
/// events of other processes never share a batch with ours.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Group {
    wire: Wire,
    own: bool,
}

/// What became of the events of all sources.
#[derive(Default)]
struct Counts {
    recovered: u64,
    expired: u64,
    corrupt: u64,
}

/// What came of a freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frozen {
    /// Something changed, so another look may find more.
    Changed,
    /// There is nothing to make batches of.
    Nothing,
    /// Another process was at it in the same moment; everything is as it was.
    Disturbed,
}

/// Makes batches of the oldest segments and puts them on the shelf.
///
/// # Errors
///
/// If the disk failed before the batches existed; the segments are as they were.
pub(super) fn freeze(place: &Place, dir: &Dir, unix_ms: u64, tally: &dyn Tally) -> io::Result<Frozen> {
    let batches = place.count(|held| held.name.kind() == Kind::Batch);
    let Some(max_batches) = FROZEN_BATCHES.checked_sub(batches).filter(|room| *room > 0) else {
        return Ok(Frozen::Nothing);
    };
    let lock = lock_file(dir)?;
    if lock.try_lock_shared().is_err() {
        return Ok(Frozen::Nothing); // Everything is being erased.
    }
    if journal::left(dir)? != Left::None {
        return Ok(match journal::replay(dir)? {
            Left::None => Frozen::Changed, // Batches may have appeared by this.
            // What cannot be ended now must not be frozen twice either.
            Left::Some => Frozen::Disturbed,
            Left::Unknown => Frozen::Nothing,
        });
    }
    room::drop_vanished(place, dir, tally);
    let Some((group, sources)) = gather(place, dir, tally) else { return Ok(Frozen::Nothing) };
    // Their owner may have made batches of them and died since the first look.
    let untouched = journal::left(dir)? == Left::None
        && sources.iter().all(|source| dir.holds(source.held.name.as_str(), &source.held.file));
    if !untouched {
        sources.into_iter().for_each(|source| give_back(place, source.held));
        return Ok(Frozen::Disturbed);
    }
    let frozen = write(dir, group, &sources, max_batches, unix_ms);
    match frozen {
        Ok((made, counts)) => {
            sources.iter().for_each(|source| place.end(&source.held));
            made.into_iter().for_each(|held| place.keep(held));
            tally.recover(counts.recovered);
            tally.count(Outcome::Expired, counts.expired);
            tally.count(Outcome::Corrupt, counts.corrupt);
            Ok(Frozen::Changed)
        }
        Err(error) => {
            sources.into_iter().for_each(|source| give_back(place, source.held));
            // Somebody who looks for what the dead have left had the lock of a new file for a moment.
            if error.kind() == io::ErrorKind::WouldBlock { Ok(Frozen::Disturbed) } else { Err(error) }
        }
    }
}

/// The oldest segments of one group, as many as one freeze takes.
fn gather(place: &Place, dir: &Dir, tally: &dyn Tally) -> Option<(Group, Vec<Source>)> {
    let mut group: Option<Group> = None;
    let mut sources: Vec<Source> = Vec::new();
    let mut sum = 0;
    for name in list(dir).ok()?.all.into_iter().filter(|name| name.kind().is_segment()) {
        if sources.len() >= FREEZE_FILES || sum >= FREEZE_BYTES {
            break;
        }
        let lent = place.lend(|held| held.name == name);
        let Some(held) = lent.or_else(|| take_over(dir, &name)) else { continue };
        let own = held.own;
        let Some(bytes) = place::read(&held.file) else {
            // Larger than we write, or the disk could not be read just now: left to its age.
            give_back(place, held);
            continue;
        };
        if head(&bytes, SEGMENT_MAGIC) == Head::Newer {
            give_back(place, held);
            continue;
        }
        // A segment holds events of one wire, so the first that can be read speaks for all.
        match Frames::of_file(&bytes, SEGMENT_MAGIC).next().map(|frame| Group { wire: frame.wire, own }) {
            Some(its) if *group.get_or_insert(its) == its => {
                sum += held.bytes;
                sources.push(Source { held, bytes });
            }
            Some(_) => give_back(place, held),
            None => {
                room::recover(&held, tally);
                room::discard(place, dir, &held, Outcome::Corrupt, tally);
            }
        }
    }
    group.filter(|_| !sources.is_empty()).map(|group| (group, sources))
}

/// What the ledger knows of stays with us; of anything else the lock is let go.
fn give_back(place: &Place, held: Held) {
    if held.events.is_some() {
        place.keep(held);
    }
}

/// Replaces the sources by batches, and by one segment of what is left over.
fn write(
    dir: &Dir,
    Group { wire, own }: Group,
    sources: &[Source],
    max_batches: usize,
    unix_ms: u64,
) -> io::Result<(Vec<Held>, Counts)> {
    let mut counts = Counts::default();
    let mut frames = Vec::new();
    let (mut go, mut aside) = (Vec::new(), Vec::new());
    for source in sources {
        let (read, damaged) = contents(&source.bytes, SEGMENT_MAGIC);
        let whole = read.len() as u64;
        let corrupt = match source.held.events {
            // What the ledger knows of and cannot be read any more, even if damage hides how many events that were.
            Some(events) => events.saturating_sub(whole),
            None => {
                counts.recovered += whole + damaged;
                damaged
            }
        };
        counts.corrupt += corrupt;
        let to = if corrupt + damaged > 0 { &mut aside } else { &mut go };
        to.push(source.held.name.clone());
        frames.extend(read);
    }
    frames.retain(|frame| {
        let expired = is_expired(wire, frame.day, unix_ms);
        counts.expired += u64::from(expired);
        !expired
    });

    let plan = plan(wire, frames.into_iter(), max_batches);
    let mut staged = Vec::new();
    let mut names = Vec::new();
    // Batches go out by their names, and these share a time: the first events get the first name.
    let mut keys: Vec<_> = plan.batches.iter().map(|_| batch_name(unix_ms)).collect();
    keys.sort_by(|one, other| one.as_ref().map(Name::as_str).cmp(&other.as_ref().map(Name::as_str)));
    let all = keys.into_iter().zip(&plan.batches);
    let rest = (!plan.rest.is_empty()).then(|| (rest_name(sources, unix_ms), &plan.rest));
    for (name, frames) in all.chain(rest) {
        let made = name
            .ok_or_else(|| io::ErrorKind::Other.into())
            .and_then(|name| Ok((stage(dir, &name, own, frames)?, name)));
        match made {
            Ok((held, name)) => {
                staged.push(held);
                names.push(name);
            }
            Err(error) => {
                undo(dir, &staged);
                return Err(error);
            }
        }
    }
    match journal::commit(dir, Change { come: names.clone(), go, aside }, unix_ms) {
        // A failure from here on is repaired by the next recovery; the batches exist.
        Ok(journal) => {
            let _ = journal::apply(dir, journal);
        }
        Err(error) => {
            undo(dir, &staged);
            return Err(error);
        }
    }
    Ok((place::named(dir, staged, names), counts))
}

/// Removes what was staged and will not come.
pub(super) fn undo(dir: &Dir, staged: &[Held]) {
    for held in staged {
        let _ = dir.remove(held.name.as_str());
    }
}

/// A batch's name is sent as its key, so its time is cut to the hour.
pub(super) fn batch_name(unix_ms: u64) -> Option<Name> {
    Name::parse(&format!("{}.batch", uuid7_hour(unix_ms / HOUR_MS)?))
}

/// What is left over is as old as the newest of its sources: a file goes as a whole when its name is too old, and each
/// event by its own day with the next freeze.
fn rest_name(sources: &[Source], unix_ms: u64) -> Option<Name> {
    let newest = sources.iter().map(|source| source.held.name.unix_ms()).max().unwrap_or(unix_ms);
    Name::parse(&format!("{}.ready", uuid7(newest)?))
}
