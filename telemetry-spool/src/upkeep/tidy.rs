//! Removes what nobody needs any more. All of this is done by whoever has the turn.

use std::io;

use crate::{
    folder::dir::Dir,
    format::{
        frame::HEADER_BYTES,
        frame_reader::{Placed, contents},
        names::{Kind, Name},
        plan::Covered,
    },
    known,
    limits::{DONE_BYTES, DONE_FILES},
    own::{self, count_ended},
    spool_folder::{self, LockedFile, Owner, SpoolFolder, Turn, take},
    standing::{Found, Read, Standing, read, read_upload},
    tally::{Outcome, Tally},
    uuid::uuid7,
};

/// Ends what processes that died have begun, and removes segments whose frames have all ended. The order makes it safe to
/// die anywhere: first the segment, then what says that its frames have ended.
pub(crate) fn tidy(
    folder: &SpoolFolder,
    dir: &Dir,
    standing: &mut Standing,
    _turn: &Turn,
    unix_ms: u64,
    tally: &dyn Tally,
) -> bool {
    let mut changed = remove_torn(dir, standing);
    changed |= split_uploads(dir, standing);
    changed |= end_halving(dir, standing);
    let removed: Vec<_> = standing
        .segments()
        .filter(|name| remove_ended(folder.owner(), dir, name, &standing.ended, tally))
        .cloned()
        .collect();
    standing.all.retain(|name| !removed.contains(name));
    changed |= !removed.is_empty();
    folder.recent.keep(|segment| standing.has_segment(segment));
    changed |= dissolve(dir, standing);
    if standing.complete {
        forget_done(dir, standing);
        merge_done(dir, standing, unix_ms);
    }
    let keys: Vec<_> = standing.plans.iter().map(|(name, _)| name.stem().to_owned()).collect();
    known::keep_tries(folder.owner(), |key| keys.iter().any(|stands| stands == key));
    changed
}

/// Files that their writers did not finish: what they speak of never happened.
fn remove_torn(dir: &Dir, standing: &mut Standing) -> bool {
    let mut changed = false;
    for name in std::mem::take(&mut standing.torn) {
        // Who writes one holds the lock on it, and it may be whole by now.
        if let Some(_held) = take(dir, &name)
            && is_torn(dir, &name)
        {
            changed |= dir.remove(name.as_str()).is_ok();
        }
    }
    changed
}

fn is_torn(dir: &Dir, name: &Name) -> bool {
    match name.kind() {
        Kind::Upload => matches!(read_upload(dir, name), Ok(Found::Torn)),
        _ => matches!(read(dir, name), Ok(Read::Torn)),
    }
}

/// Uploads that nobody is at: what is left of them are plans like any other.
pub(crate) fn split_uploads(dir: &Dir, standing: &mut Standing) -> bool {
    let names: Vec<_> = standing.uploads.iter().map(|(name, _)| name.clone()).collect();
    let mut changed = false;
    for name in names {
        if let Some(held) = take(dir, &name)
            && split(dir, &held).is_ok()
        {
            standing.split(&name);
            changed = true;
        }
    }
    changed
}

/// Gives the requests of an upload files of their own: a plan for each that has no end, and one file for what has ended. While
/// the upload stands nobody reads these, so it goes last. For who has the turn and has locked the upload.
///
/// # Errors
///
/// If the upload stays as it was.
pub(crate) fn split(dir: &Dir, held: &LockedFile) -> io::Result<()> {
    let Found::Whole(upload) = read_upload(dir, &held.name)? else { return Err(io::ErrorKind::NotFound.into()) };
    let ended = upload.ended();
    if !ended.ranges.is_empty() {
        write_done(dir, held.name.unix_ms(), &ended.render(), true)?;
    }
    for (place, request) in upload.requests.iter().filter(|request| !request.ended).enumerate() {
        // What a process that died here has left.
        let _ = dir.remove(request.name.as_str());
        // What was sent must have the same key after a power failure. They are sent in their order: that can be the first only.
        spool_folder::write_new(dir, request.name.clone(), request.plan.render().as_bytes(), place == 0)?;
    }
    dir.remove(held.name.as_str())
}

/// A whole goes when both of its halves stand; else the one half goes.
fn end_halving(dir: &Dir, standing: &mut Standing) -> bool {
    let mut go = Vec::new();
    for (name, _) in &standing.plans {
        let halves: Vec<_> =
            standing.plans.iter().map(|(half, _)| half).filter(|half| half.whole() == Some(name.stem())).collect();
        match halves.len() {
            0 => {}
            1 => go.extend(halves.into_iter().cloned()),
            _ => go.push(name.clone()),
        }
    }
    let mut changed = false;
    for name in go {
        if let Some(_held) = take(dir, &name)
            && dir.remove(name.as_str()).is_ok()
        {
            standing.forget(&name);
            changed = true;
        }
    }
    changed
}

/// Whether a segment went of which every byte stands for a frame that has ended, or nothing was ever written to.
fn remove_ended(owner: &Owner, dir: &Dir, name: &Name, ended: &Covered, tally: &dyn Tally) -> bool {
    let header = HEADER_BYTES as u64;
    let is_ended = |len: u64| len == 0 || len == header || ended.has_all(name.stem(), header, len);
    if !dir.len(name.as_str()).is_ok_and(is_ended) {
        return false;
    }
    // Nobody appends while it is locked.
    let Some(held) = take(dir, name) else { return false };
    let gone = held.file.metadata().is_ok_and(|metadata| is_ended(metadata.len())) && dir.remove(name.as_str()).is_ok();
    if gone {
        // Whatever this process has ended itself it knows of no more.
        tally.end_elsewhere(own::forget(owner, name.stem()));
    }
    gone
}

/// Plans that name a segment that is gone, or a frame that has ended by other means, can never be sent as they are: what is
/// left of their frames is free for other plans, under other keys.
fn dissolve(dir: &Dir, standing: &mut Standing) -> bool {
    let complete = standing.complete;
    let broken = |standing: &Standing, name: &Name| {
        standing.plans.iter().any(|(other, plan)| {
            other == name
                && !standing.is_in_upload(name)
                && (standing.ended.touches(plan)
                    || complete && plan.ranges.iter().any(|range| !standing.has_segment(&range.segment)))
        })
    };
    let names: Vec<_> = standing.plans.iter().map(|(name, _)| name.clone()).collect();
    let mut changed = false;
    for name in names.iter().filter(|name| broken(standing, name)).cloned().collect::<Vec<_>>() {
        if let Some(_held) = take(dir, &name)
            && dir.remove(name.as_str()).is_ok()
        {
            standing.forget(&name);
            changed = true;
        }
    }
    changed
}

/// What says that frames of segments have ended that are gone.
fn forget_done(dir: &Dir, standing: &mut Standing) {
    let (needed, over): (Vec<_>, Vec<_>) = std::mem::take(&mut standing.done)
        .into_iter()
        .partition(|(_, plan)| plan.ranges.iter().any(|range| standing.has_segment(&range.segment)));
    for (name, _) in over {
        let _ = dir.remove(name.as_str());
    }
    standing.done = needed;
}

/// Where many requests have ended, one file says so for all: formats with one frame per request would otherwise leave a
/// file for each.
fn merge_done(dir: &Dir, standing: &mut Standing, unix_ms: u64) {
    if standing.done.len() <= DONE_FILES {
        return;
    }
    let text = standing.ended.as_plan(|segment| standing.has_segment(segment)).render();
    // Durable before the others go: what they say must not be forgotten.
    if text.len() > DONE_BYTES || write_done(dir, unix_ms, &text, true).is_err() {
        return;
    }
    for (name, _) in std::mem::take(&mut standing.done) {
        let _ = dir.remove(name.as_str());
    }
}

/// Writes down that frames have ended.
pub(crate) fn write_done(dir: &Dir, unix_ms: u64, text: &str, durable: bool) -> io::Result<()> {
    let name = uuid7(unix_ms).and_then(|id| Name::parse(&format!("{id}.done"))).ok_or(io::ErrorKind::Other)?;
    spool_folder::write_new(dir, name, text.as_bytes(), durable)
}

/// Removes a segment, or sets it aside where it is damaged, and then counts what had not ended. `outcome` says how a frame
/// ends, or nothing where somebody else counts it. `false` if the file stays.
pub(crate) fn end_segment(
    owner: &Owner,
    dir: &Dir,
    name: &Name,
    bytes: &[u8],
    ended: &Covered,
    outcome: impl Fn(&Placed<'_>) -> Option<Outcome>,
    tally: &dyn Tally,
) -> bool {
    let (frames, damaged) = contents(bytes);
    let removed = if damaged > 0 { super::aside::put(dir, name) } else { dir.remove(name.as_str()) };
    if removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
        return false;
    }
    let (over, left): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) =
        frames.iter().partition(|frame| ended.has(name.stem(), frame.at));
    // What has ended and this process still knows of, another one has ended, and counted.
    let elsewhere = over.into_iter().filter(|frame| own::end(owner, name.stem(), frame.number)).count();
    tally.end_elsewhere(elsewhere as u64);
    for frame in left {
        if let Some(outcome) = outcome(frame) {
            count_ended(tally, outcome, owner, name.stem(), frame.number);
        }
    }
    // What this process has recorded and cannot be read, even if damage hides how many frames that were.
    let own = own::forget(owner, name.stem());
    let corrupt = damaged.max(own);
    if corrupt > 0 {
        tally.recover(corrupt - own);
        tally.count(Outcome::Corrupt, corrupt);
    }
    true
}
