//! Makes plans of what waits in the segments, and ends what can never be sent.

use std::{io, sync::Arc};

use crate::{
    batch::{Contents, FrameAt, Shape, arrange, is_expired},
    folder::dir::Dir,
    format::{
        frame::{Digest, Frame, Head, head},
        frame_reader::{FrameReader, Placed, Span, contents},
        names::Name,
        plan::{self, Plan},
        upload::{Request, Upload},
    },
    known,
    limits::{PLANNED_BATCHES, PLANNED_BYTES, UPLOAD_BATCHES},
    own,
    spool_folder::{self, LockedFile, SpoolFolder, read, take, turn},
    standing::{Plans, Standing},
    tally::{Outcome, Tally},
    upkeep::{
        ended::Ended,
        tidy::{self, tidy},
    },
    uuid::{uuid7, uuid7_hour},
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

/// A frame that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// The number of its segment among those that were read.
    segment: u32,
    number: u32,
    /// Where it stands in the segment.
    span: Span,
    kind: u8,
    day: u32,
}

/// A segment that was read.
struct Looked<'a> {
    name: &'a Name,
    bytes: Arc<Vec<u8>>,
}

/// One request: its plan's name, the plan, and what is in it.
pub(crate) type Planned = (Name, Arc<Plan>, Contents);

/// An upload that was made, its file locked, with the bytes that its plans name as they were read for them.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) file: LockedFile,
    pub(crate) upload: Upload,
    pub(crate) requests: Vec<Planned>,
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
) -> io::Result<(Made, Option<Ready>)> {
    let Some(turn) = turn(dir)? else { return Ok((Made::Disturbed, None)) };
    let own_before = own::segments(folder.owner());
    let mut standing = Standing::read_again(dir, known_plans)?;
    let mut changed = tidy(folder, dir, &mut standing, &turn, unix_ms, tally);
    // Plans of other destinations may stand for weeks: they take no room from ours.
    let ours = standing.plans.iter().filter(|(name, _)| !known::tries(folder.owner(), name.stem()).foreign).count();
    let Some(room) = PLANNED_BATCHES.checked_sub(ours).filter(|room| *room > 0) else {
        return Ok((if changed { Made::Changed { all: false } } else { Made::Nothing }, None));
    };
    if !standing.complete {
        // Which frames have ended may stand in a file that was not seen.
        return Ok((Made::Nothing, None));
    }
    tally.end_elsewhere(own::forget_gone(folder.owner(), &own_before, |segment| standing.has_segment(segment)));
    let (mut segments, mut waiting, mut bytes_read, mut looked_at_all) = (Vec::new(), Vec::new(), 0, true);
    let mut over = Ended::default();
    // Of the kinds that wait, what fits into a batch of the one that fits the most.
    let mut most = 1;
    for name in standing.segments() {
        if waiting.len() >= room * most || bytes_read >= PLANNED_BYTES {
            looked_at_all = false;
            break;
        }
        let written = dir.len(name.as_str()).ok().and_then(|len| folder.recent.of(name.stem(), len));
        // Larger than we write, or the disk could not be read just now: left to its age.
        let read = || dir.open_file(name.as_str()).ok().and_then(|file| read(&file)).map(Arc::new);
        let is_written = written.is_some();
        let Some(bytes) = written.or_else(read) else { continue };
        if head(&bytes) == Head::Foreign {
            continue;
        }
        let frames = if is_written { FrameReader::of_written(&bytes) } else { FrameReader::of_file(&bytes) };
        let before = waiting.len();
        let place = u32::try_from(segments.len()).unwrap_or(u32::MAX);
        let found = look(folder, name, place, &bytes, frames, &standing, unix_ms, agrees, &mut waiting, &mut over);
        tally.end_elsewhere(found.elsewhere);
        changed |= found.is_over && end_over(folder, dir, name, &standing, tally);
        if waiting.len() > before {
            let kinds = waiting.iter().skip(before).map(|waiting: &Waiting| waiting.kind);
            most = kinds.map(|kind| fits(folder, kind)).max().unwrap_or(1).max(most);
            bytes_read += bytes.len() as u64;
            segments.push(Looked { name, bytes });
        }
    }
    // What ends without a request is written down before any plan is: a frame stands in one of them.
    changed |= over.write_down(folder, dir, unix_ms, tally)?;
    if !plans {
        return Ok((if changed { Made::Changed { all: true } } else { Made::Nothing }, None));
    }
    let mut left = waiting.len();
    let shape = |waiting: &Waiting| Shape { kind: waiting.kind, day: waiting.day, len: waiting.span.sent_len() };
    let mut requests = Vec::new();
    for frames in arrange(waiting, shape, room, folder.limits()) {
        left = left.saturating_sub(frames.len());
        let name = plan_name(unix_ms).ok_or(io::ErrorKind::Other)?;
        let (plan, contents) = plan_of(&frames, &segments);
        requests.push((name, Arc::new(plan), contents));
    }
    // The oldest first, of whatever kind.
    requests.sort_by(|(_, one, _), (_, other, _)| one.position().cmp(&other.position()));
    changed |= !requests.is_empty();
    let ready = write(dir, unix_ms, requests)?;
    let all = looked_at_all && left == 0;
    Ok((if changed { Made::Changed { all } } else { Made::Nothing }, ready))
}

/// The frames of this kind that fit into one batch.
fn fits(folder: &SpoolFolder, kind: u8) -> usize {
    folder.limits().of(kind).map_or(1, |limits| limits.batch_frames)
}

/// Writes plans down: a few as files of their own, for whoever comes; many as one upload, which this process sends.
fn write(dir: &Dir, unix_ms: u64, requests: Vec<Planned>) -> io::Result<Option<Ready>> {
    if requests.len() < UPLOAD_BATCHES {
        for (name, plan, _) in requests {
            spool_folder::write_new(dir, name, plan.render().as_bytes(), false)?;
        }
        return Ok(None);
    }
    let request = |(name, plan, _): &Planned| Request { name: name.clone(), plan: Arc::clone(plan), ended: false };
    let upload = Upload { requests: requests.iter().map(request).collect() };
    let name = uuid7(unix_ms).and_then(|id| Name::parse(&format!("{id}.upload"))).ok_or(io::ErrorKind::Other)?;
    let file = spool_folder::write_held(dir, name, upload.render().as_bytes(), false)?;
    Ok(Some(Ready { file, upload, requests }))
}

/// The plan of some frames, and what is in it.
fn plan_of(frames: &[Waiting], segments: &[Looked<'_>]) -> (Plan, Contents) {
    let (kind, day) = frames.first().map_or((0, 0), |first| (first.kind, first.day));
    let (mut plan, mut contents) = (Plan::default(), Contents { kind, day, bytes: Vec::new(), frames: Vec::new() });
    contents.frames.reserve_exact(frames.len());
    // Frames side by side are one range, summed up at once.
    let beside = |one: &Waiting, next: &Waiting| {
        let (at, len) = one.span.place();
        one.segment == next.segment && at + len == next.span.place().0
    };
    for frames in frames.chunk_by(beside) {
        let Some((first, segment)) =
            frames.first().and_then(|first| Some((first, segments.get(first.segment as usize)?)))
        else {
            continue;
        };
        let (at, range) = (first.span.place().0, u32::try_from(plan.ranges.len()).unwrap_or(u32::MAX));
        let len: u64 = frames.iter().map(|frame| frame.span.place().1).sum();
        let bytes =
            usize::try_from(at).ok().and_then(|from| segment.bytes.get(from..)?.get(..usize::try_from(len).ok()?));
        let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        plan.push_all(segment.name.stem(), at, count, bytes.unwrap_or_default());
        contents.bytes.push(Arc::clone(&segment.bytes));
        contents.frames.extend(frames.iter().map(|Waiting { number, span, .. }| FrameAt {
            range,
            number: *number,
            at: span.place().0,
            span: *span,
        }));
    }
    (plan, contents)
}

/// A plan's name is sent as its key, so its time is cut to the hour.
pub(crate) fn plan_name(unix_ms: u64) -> Option<Name> {
    Name::parse(&format!("{}.plan", uuid7_hour(unix_ms / HOUR_MS)?))
}

/// What was found in one segment.
struct Found {
    /// Frames of this process that another one has ended.
    elsewhere: u64,
    /// Every frame that can be read has ended.
    is_over: bool,
}

/// Sorts the frames of one segment: those that may be sent go behind the others that wait.
#[expect(clippy::too_many_arguments, reason = "one caller, and each is what it says")]
fn look(
    folder: &SpoolFolder,
    name: &Name,
    segment: u32,
    bytes: &[u8],
    frames: FrameReader<'_>,
    standing: &Standing,
    unix_ms: u64,
    agrees: &dyn Fn(&Digest) -> bool,
    waiting: &mut Vec<Waiting>,
    over: &mut Ended,
) -> Found {
    let (mut is_over, mut has_ended) = (true, Vec::new());
    let (ended, planned) = (standing.ended.of(name.stem()), standing.planned.of(name.stem()));
    // Nearly all frames of a segment are alike.
    let mut last: Option<(Frame<'_>, Option<Outcome>, bool)> = None;
    for placed in frames {
        if plan::has(ended, placed.at) {
            has_ended.push(placed.number);
            continue;
        }
        is_over = false;
        if plan::has(planned, placed.at) {
            continue;
        }
        let Frame { kind, day, .. } = placed.frame;
        let (_, why, may) = match last {
            Some(last) if placed.frame.is_like(&last.0) => last,
            _ => {
                let why = why_not(folder, &placed.frame, unix_ms);
                *last.insert((placed.frame, why, why.is_none() && may_go(folder, &placed.frame, agrees)))
            }
        };
        match why {
            None if may => {
                waiting.extend(placed.span_from(0).map(|span| Waiting {
                    segment,
                    number: placed.number,
                    span,
                    kind,
                    day,
                }));
            }
            None => {}
            Some(outcome) => {
                if let Some(bytes) = bytes_of(bytes, &placed) {
                    over.push(outcome, name.stem(), &placed, bytes);
                }
            }
        }
    }
    Found { elsewhere: own::end_all(folder.owner(), name.stem(), has_ended), is_over }
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
