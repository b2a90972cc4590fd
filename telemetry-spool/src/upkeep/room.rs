//! The spool's limits: bytes, files and free disk. The oldest goes first, and is counted.

use std::io;

use crate::{
    day::DAY_MS,
    folder::dir::Dir,
    format::{
        frame::{Head, head},
        frame_reader::Placed,
        names::{Kind, Name},
    },
    known,
    limits::{Limits, SPOOL_BYTES, SPOOL_FILES, SPOOL_SLACK_BYTES},
    own,
    spool_folder::{Listing, Owner, SpoolFolder, list, read, take, turn},
    standing::Standing,
    tally::{Outcome, Tally},
    upkeep::tidy::{end_segment, split_uploads, tidy},
};

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// What is in the spool cannot go at this moment, or the disk is nearly full.
    Full,
    /// There are more files in the folder than are looked at, ours or foreign ones.
    Crowded,
}

/// What counts in a spool, what goes first standing first.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) files: Vec<(Name, u64)>,
    pub(crate) bytes: u64,
    pub(crate) complete: bool,
}

/// Looks at what is in the spool.
///
/// # Errors
///
/// If the folder cannot be read.
pub(crate) fn survey(dir: &Dir) -> io::Result<Survey> {
    let Listing { all, complete, .. } = list(dir)?;
    let mut found = Survey { files: Vec::new(), bytes: 0, complete };
    // Plans and what became of them are bounded by what they speak of, and make no room by going.
    for name in all.into_iter().filter(|name| name.kind().counts()) {
        if let Ok(len) = dir.len(name.as_str()) {
            found.bytes += len;
            found.files.push((name, len));
        }
    }
    // Nobody waits for what was set aside.
    found.files.sort_by_key(|(name, _)| name.kind() != Kind::Damaged);
    Ok(found)
}

impl Survey {
    pub(crate) fn has_room(&self, need: u64, new_file: bool) -> bool {
        self.bytes + need <= SPOOL_BYTES && self.files.len() + usize::from(new_file) <= SPOOL_FILES
    }
}

/// Makes room for `need` further bytes, and for a file more if `new_file`, in a spool where `found` was seen. Removes at most
/// [`SPOOL_FILES`] files at a time.
///
/// # Errors
///
/// [`NoRoom`] if there is none.
pub(crate) fn make(
    folder: &SpoolFolder,
    dir: &Dir,
    mut found: Survey,
    (need, new_file): (u64, bool),
    unix_ms: u64,
    tally: &dyn Tally,
) -> Result<(), NoRoom> {
    if new_file && dir.free_bytes().is_some_and(|free| free < folder.limits().free_bytes) {
        return Err(NoRoom::Full);
    }
    if !found.has_room(need, new_file) {
        let Ok(Some(turn)) = turn(dir) else {
            // Somebody makes plans, for milliseconds. Nobody waits for them here; the next look makes the room.
            let fits = found.bytes + need <= SPOOL_BYTES + SPOOL_SLACK_BYTES && found.files.len() <= SPOOL_FILES;
            return if fits && found.complete { Ok(()) } else { Err(NoRoom::Full) };
        };
        let Ok(mut standing) = Standing::read(dir) else { return Err(NoRoom::Full) };
        // What processes that died have begun is ended before anything has to go.
        tidy(folder, dir, &mut standing, &turn, unix_ms, tally);
        found = survey(dir).unwrap_or_default();
        for (name, len) in std::mem::take(&mut found.files.clone()).into_iter().take(SPOOL_FILES) {
            if found.has_room(need, new_file) {
                break;
            }
            if evict(folder.owner(), dir, &name, &mut standing, |_| Outcome::Evicted, tally) {
                found.bytes = found.bytes.saturating_sub(len);
                found.files.retain(|(other, _)| *other != name);
            }
        }
    }
    if !found.complete {
        Err(NoRoom::Crowded)
    } else if !found.has_room(need, new_file) {
        Err(NoRoom::Full)
    } else {
        Ok(())
    }
}

/// Removes a file and counts the frames in it that had not ended; `false` if it stays, because somebody is at work on it.
/// Only for who has the turn.
pub(crate) fn evict(
    owner: &Owner,
    dir: &Dir,
    name: &Name,
    standing: &mut Standing,
    outcome: impl Fn(&Placed<'_>) -> Outcome,
    tally: &dyn Tally,
) -> bool {
    let Some(held) = take(dir, name) else { return false };
    if name.kind() != Kind::Segment {
        return dir.remove(name.as_str()).is_ok();
    }
    // What a process that died was sending; an upload that is under way stays.
    split_uploads(dir, standing);
    // A plan that somebody holds is on its way to the server.
    let mut plans = Vec::new();
    for (plan, ranges) in standing.plans.iter().filter(|(_, plan)| plan.names(name.stem())) {
        match take(dir, plan) {
            Some(held) => plans.push((held, ranges.clone())),
            // It is on its way, or has just come to its end: its frames are counted there.
            None => return false,
        }
    }
    let Some(bytes) = read(&held.file).filter(|bytes| head(bytes) != Head::Foreign) else {
        // Nobody here can say what is in it.
        own::forget(owner, name.stem());
        return dir.remove(name.as_str()).is_ok();
    };
    // What may have arrived is not known to be lost.
    let may_have_arrived = |at: u64| {
        plans.iter().any(|(held, plan)| {
            let tried = known::tries(owner, held.name.stem()).ambiguous;
            tried && plan.has(name.stem(), at)
        })
    };
    let how = |placed: &Placed<'_>| Some(if may_have_arrived(placed.at) { Outcome::Unknown } else { outcome(placed) });
    if !end_segment(owner, dir, name, &bytes, &standing.ended, how, tally) {
        return false;
    }
    // The rest of their frames, in other segments, is free for other plans.
    for (held, _) in plans {
        let _ = dir.remove(held.name.as_str());
        standing.forget(&held.name);
    }
    standing.all.retain(|other| other != name);
    true
}

/// Whether a file is older than any frame may be. One day more than frames may wait: the name tells on which day the first
/// of them was written only.
pub(crate) fn is_over(limits: &Limits, name: &Name, unix_ms: u64) -> bool {
    name.age_ms(unix_ms) > u64::from(limits.kept_days() + 1) * DAY_MS
}
