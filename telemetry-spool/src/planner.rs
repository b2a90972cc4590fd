//! Makes plans of what waits in the segments, and ends what can never be sent.

use std::io;

use crate::{
    batch::{arrange, is_expired},
    folder::dir::Dir,
    format::{
        frame::{Digest, Frame, Head, head},
        frame_reader::{Placed, Span, contents},
        names::Name,
        plan::{self, Plan},
    },
    known,
    limits::{PLANNED_BATCHES, PLANNED_BYTES},
    own,
    spool_folder::{self, SpoolFolder, read, take, turn},
    standing::{Plans, Standing},
    tally::{Outcome, Tally},
    upkeep::{
        ended::Ended,
        tidy::{self, tidy},
    },
    uuid::uuid7_hour,
};

pub(crate) const HOUR_MS: u64 = 60 * 60 * 1000;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Something changed, so another look may find more. `all` says that every frame that may be sent is in a plan now.
    Changed { all: bool },
    /// There is nothing to make plans of.
    Nothing,
    /// Another process held the turn; nothing was changed.
    Disturbed,
}

/// A frame that waits, with its bytes as they stand in its segment.
struct Waiting<'a> {
    segment: &'a str,
    at: u64,
    bytes: &'a [u8],
    frame: Frame<'a>,
}

/// Makes plans of the oldest frames that are in none, or, without `plans`, only ends what has ended.
///
/// # Errors
///
/// If the disk failed; what was not planned waits as before.
pub(crate) fn make(
    folder: &SpoolFolder,
    dir: &Dir,
    unix_ms: u64,
    agrees: &dyn Fn(&Digest) -> bool,
    plans: bool,
    known_plans: &mut Plans,
    tally: &dyn Tally,
) -> io::Result<Made> {
    let Some(turn) = turn(dir)? else { return Ok(Made::Disturbed) };
    let mut standing = Standing::read_again(dir, known_plans)?;
    let mut changed = tidy(folder, dir, &mut standing, &turn, unix_ms, tally);
    // Plans of other destinations may stand for weeks: they take no room from ours.
    let ours = standing.plans.iter().filter(|(name, _)| !known::tries(folder.owner(), name.stem()).foreign).count();
    let Some(room) = PLANNED_BATCHES.checked_sub(ours).filter(|room| *room > 0) else {
        return Ok(if changed { Made::Changed { all: false } } else { Made::Nothing });
    };
    if !standing.complete {
        // Which frames have ended may stand in a file that was not seen.
        return Ok(Made::Nothing);
    }
    tally.end_elsewhere(own::forget_gone(folder.owner(), |segment| standing.has_segment(segment)));
    let (mut segments, mut events, mut bytes_read, mut looked_at_all) = (Vec::new(), 0, 0, true);
    let mut over = Ended::default();
    for name in standing.segments() {
        if events >= room * folder.limits().batch_frames() || bytes_read >= PLANNED_BYTES {
            looked_at_all = false;
            break;
        }
        // Larger than we write, or the disk could not be read just now: left to its age.
        let Some(bytes) = dir.open_file(name.as_str()).ok().and_then(|file| read(&file)) else { continue };
        if head(&bytes) == Head::Foreign {
            continue;
        }
        let found = look(folder, name, &bytes, &standing, unix_ms, agrees, &mut over);
        tally.end_elsewhere(found.elsewhere);
        changed |= found.is_over && end_over(folder, dir, name, &standing, tally);
        if !found.waiting.is_empty() {
            events += found.waiting.len();
            bytes_read += bytes.len() as u64;
            segments.push((name, bytes, found.waiting));
        }
    }
    // What ends without a request is written down before any plan is: a frame stands in one of them.
    changed |= over.write_down(folder, dir, unix_ms, tally)?;
    if !plans {
        return Ok(if changed { Made::Changed { all: true } } else { Made::Nothing });
    }
    let waiting = segments.iter().flat_map(|(name, bytes, spans)| waiting_in(name, bytes, spans));
    let mut left = events;
    for events in arrange(waiting, |waiting| waiting.frame, room, folder.limits()) {
        left = left.saturating_sub(events.len());
        let mut plan = Plan::default();
        for Waiting { segment, at, bytes, .. } in &events {
            plan.push(segment, *at, bytes);
        }
        let name = plan_name(unix_ms).ok_or(io::ErrorKind::Other)?;
        spool_folder::write_new(dir, name, plan.render().as_bytes(), false)?;
        changed = true;
    }
    let all = looked_at_all && left == 0;
    Ok(if changed { Made::Changed { all } } else { Made::Nothing })
}

/// A plan's name is sent as its key, so its time is cut to the hour.
pub(crate) fn plan_name(unix_ms: u64) -> Option<Name> {
    Name::parse(&format!("{}.plan", uuid7_hour(unix_ms / HOUR_MS)?))
}

/// What was found in one segment.
struct Found {
    /// Frames of this process that another one has ended.
    elsewhere: u64,
    /// Where the frames stand that may be sent.
    waiting: Vec<(u64, Span)>,
    /// Every frame that can be read has ended.
    is_over: bool,
}

/// Sorts the frames of one segment.
fn look(
    folder: &SpoolFolder,
    name: &Name,
    bytes: &[u8],
    standing: &Standing,
    unix_ms: u64,
    agrees: &dyn Fn(&Digest) -> bool,
    over: &mut Ended,
) -> Found {
    let (frames, _) = contents(bytes);
    let mut found = Found { elsewhere: 0, waiting: Vec::new(), is_over: true };
    let (ended, planned) = (standing.ended.of(name.stem()), standing.planned.of(name.stem()));
    let has_ended = |placed: &&Placed<'_>| plan::has(ended, placed.at);
    found.elsewhere =
        own::end_all(folder.owner(), name.stem(), frames.iter().filter(has_ended).map(|placed| placed.number));
    for placed in frames.iter().filter(|placed| !has_ended(placed)) {
        found.is_over = false;
        if plan::has(planned, placed.at) {
            continue;
        }
        match why_not(folder, &placed.frame, unix_ms) {
            None if may_go(folder, &placed.frame, agrees) => {
                found.waiting.extend(placed.span_from(0).map(|span| (placed.at, span)));
            }
            None => {}
            Some(outcome) => {
                if let Some(bytes) = bytes_of(bytes, placed) {
                    over.push(outcome, name.stem(), placed, bytes);
                }
            }
        }
    }
    found
}

/// Why a frame can never be sent; `None` if it may be, now or by another program.
pub(crate) fn why_not(folder: &SpoolFolder, frame: &Frame<'_>, unix_ms: u64) -> Option<Outcome> {
    let ours = frame.destination == *folder.destination();
    let expired = if ours { Outcome::Expired } else { Outcome::OtherDestination };
    is_expired(folder.limits(), frame.kind, frame.day, unix_ms).then_some(expired)
}

/// Whether a frame may be sent by this program: to this destination, of a kind that it sends, and permitted. Others wait: for a
/// program with their destination or kind, or for one that permits it.
fn may_go(folder: &SpoolFolder, frame: &Frame<'_>, agrees: &dyn Fn(&Digest) -> bool) -> bool {
    folder.destination() == &frame.destination && folder.limits().of(frame.kind).is_some() && agrees(&frame.digest)
}

/// The frames of one segment that may be sent and are in no plan.
fn waiting_in<'a>(name: &'a Name, bytes: &'a [u8], spans: &'a [(u64, Span)]) -> impl Iterator<Item = Waiting<'a>> {
    spans.iter().filter_map(move |(at, span)| {
        let (bytes, frame) = span.of(bytes)?;
        Some(Waiting { segment: name.stem(), at: *at, bytes, frame })
    })
}

fn bytes_of<'a>(file: &'a [u8], placed: &Placed<'_>) -> Option<&'a [u8]> {
    let from = usize::try_from(placed.at).ok()?;
    file.get(from..from.checked_add(usize::try_from(placed.len).ok()?)?)
}

/// All that can be read of a segment has ended. What cannot be read is counted, and the file set aside then.
fn end_over(folder: &SpoolFolder, dir: &Dir, name: &Name, standing: &Standing, tally: &dyn Tally) -> bool {
    // Somebody may be appending at this moment, and what looks like damage be half of a frame.
    let Some(held) = take(dir, name) else { return false };
    let Some(bytes) = read(&held.file) else { return false };
    let (frames, _) = contents(&bytes);
    let is_over = frames.iter().all(|placed| standing.ended.has(name.stem(), placed.at));
    is_over && tidy::end_segment(folder.owner(), dir, name, &bytes, &standing.ended, |_| Some(Outcome::Corrupt), tally)
}
