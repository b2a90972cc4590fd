//! Batches: the frames of a plan, read and checked, and how frames are arranged into plans.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, atomic::AtomicUsize},
};

use crate::{
    day::day_of,
    folder::dir::{Dir, File},
    format::{
        crc32c::crc32c,
        frame::Frame,
        frame_reader::{FrameReader, Span},
        names::Name,
        plan::{Plan, Range},
    },
    known::{Flight, Tries},
    limits::{KindLimits, Limits},
    spool_folder::{self, LockedFile, Owner},
    tally::Outcome,
};

/// One upload. Its key and its frames stay the same over attempts, processes and restarts.
#[derive(Debug)]
pub struct Batch {
    /// Its plan's name, which is the key with an ending.
    pub(crate) name: Name,
    /// The file that the plan is in; it is locked as long as the batch is in somebody's hands.
    pub(crate) held: PlanFile,
    pub(crate) plan: Arc<Plan>,
    pub(crate) tries: Tries,
    contents: Contents,
    /// While it is in the hands of this process; from there on it knows which of the frames this process has recorded.
    flight: Option<Flight>,
}

/// The file of a plan.
#[derive(Debug)]
pub(crate) enum PlanFile {
    /// It is in one of its own.
    Own(LockedFile),
    /// It is the request with this number of an upload.
    Upload(Arc<LockedUpload>, usize),
}

/// An upload that this process has made and is sending.
#[derive(Debug)]
pub(crate) struct LockedUpload {
    pub(crate) file: LockedFile,
    /// Requests that have no end.
    pub(crate) left: AtomicUsize,
}

impl PlanFile {
    pub(crate) fn file(&self) -> &LockedFile {
        match self {
            Self::Own(file) => file,
            Self::Upload(upload, _) => &upload.file,
        }
    }
}

/// The frames of one request.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) kind: u8,
    pub(crate) day: u32,
    /// The bytes that each range of the plan is in.
    pub(crate) bytes: Vec<Arc<Vec<u8>>>,
    /// Where the frames stand in them: they are read and summed up once.
    pub(crate) frames: Vec<FrameAt>,
}

/// Where a frame of a batch stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameAt {
    /// The number of its range in the plan.
    pub(crate) range: u32,
    pub(crate) number: u32,
    /// Its first byte in the segment.
    pub(crate) at: u64,
    pub(crate) span: Span,
}

/// A frame of a batch: its segment, its number there, its first byte there, its bytes, and what is in it.
pub(crate) struct Piece<'a> {
    pub(crate) segment: &'a str,
    pub(crate) number: u32,
    pub(crate) at: u64,
    pub(crate) bytes: &'a [u8],
    pub(crate) frame: Frame<'a>,
}

impl Batch {
    /// Reads the frames that a plan names. `None` if they are not what they were when the plan was made.
    ///
    /// # Errors
    ///
    /// If the disk failed, or descriptors ran out: then nobody can say what they are, and the plan stays.
    pub(crate) fn load(
        dir: &Dir,
        held: LockedFile,
        plan: Arc<Plan>,
        tries: Tries,
        limits: &Limits,
    ) -> io::Result<Option<Self>> {
        let bytes = Self::read(dir, &plan)?;
        let contents = bytes.and_then(|bytes| Self::check(&plan, bytes, limits));
        let name = held.name.clone();
        Ok(contents.map(|contents| Self::new(name, PlanFile::Own(held), plan, tries, contents)))
    }

    pub(crate) fn new(name: Name, held: PlanFile, plan: Arc<Plan>, tries: Tries, contents: Contents) -> Self {
        Self { name, held, plan, tries, contents, flight: None }
    }

    /// The bytes of each range of a plan; `None` if they are not there, or others.
    fn read(dir: &Dir, plan: &Plan) -> io::Result<Option<Vec<Vec<u8>>>> {
        let mut bytes = Vec::new();
        let mut open: Option<(&str, File)> = None;
        for Range { segment, at, len, crc, .. } in &plan.ranges {
            if open.as_ref().is_none_or(|(id, _)| id != segment) {
                let Some(name) = Name::parse(&format!("{segment}.part")) else { return Ok(None) };
                match dir.open_file(name.as_str()) {
                    Err(error) if spool_folder::is_not_there(&error) => return Ok(None),
                    file => open = Some((segment, file?)),
                }
            }
            let Some((_, file)) = &open else { return Ok(None) };
            let Some(read) = spool_folder::try_read_at(file, *at, *len)?.filter(|bytes| crc32c(bytes) == *crc) else {
                return Ok(None);
            };
            bytes.push(read);
        }
        Ok(Some(bytes))
    }

    /// Whether these bytes are the frames of the plan, and may go into one request.
    fn check(plan: &Plan, bytes: Vec<Vec<u8>>, limits: &Limits) -> Option<Contents> {
        let mut frames: Vec<FrameAt> = Vec::new();
        let mut all: Option<Frame<'_>> = None;
        for (number, (range, bytes)) in (0..).zip(plan.ranges.iter().zip(&bytes)) {
            // The checksum of the range was right, which was made of frames that were read.
            for placed in FrameReader::of_known(bytes, range.at) {
                let (frame, first) = (placed.frame, all.get_or_insert(placed.frame));
                let fits = frame.kind == first.kind
                    && frame.destination == first.destination
                    && (frame.day == first.day || !limits.of(first.kind)?.by_day);
                if !fits {
                    return None;
                }
                let (at, span) = (placed.at, placed.span_from(range.at)?);
                frames.push(FrameAt { range: number, number: placed.number, at, span });
            }
        }
        let (kind, day) = all.map(|first| (first.kind, first.day))?;
        limits.of(kind)?;
        let planned: usize = plan.ranges.iter().map(|range| range.frames as usize).sum();
        let bytes = bytes.into_iter().map(Arc::new).collect();
        (frames.len() == planned).then_some(Contents { kind, day, bytes, frames })
    }

    /// The idempotency key.
    pub fn key(&self) -> &str {
        self.name.stem()
    }

    /// The kind of its frames.
    pub fn kind(&self) -> u8 {
        self.contents.kind
    }

    /// The UTC day of its frames, in days since 1970-01-01, where their kind is batched by day; else that of the first.
    pub fn day(&self) -> u32 {
        self.contents.day
    }

    /// The frames.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        self.pieces().map(|piece| piece.frame)
    }

    /// The frames and where they stand.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let Contents { bytes, frames, .. } = &self.contents;
        frames.iter().filter_map(|standing| {
            let (range, bytes) = (self.plan.ranges.get(standing.range as usize)?, bytes.get(standing.range as usize)?);
            let (bytes, frame) = standing.span.of(bytes)?;
            Some(Piece { segment: range.segment.as_str(), number: standing.number, at: standing.at, bytes, frame })
        })
    }

    /// How many frames it has.
    #[expect(clippy::len_without_is_empty, reason = "no batch is empty")]
    pub fn len(&self) -> usize {
        self.contents.frames.len()
    }

    /// From here on this batch alone says what becomes of its frames: whoever discards what the process has recorded leaves
    /// them to it.
    pub(crate) fn take_off(&mut self, owner: &Owner) {
        // Frames that stand behind each other.
        let follows = |one: &FrameAt, next: &FrameAt| one.range == next.range && one.number + 1 == next.number;
        let frames = self.contents.frames.chunk_by(follows).filter_map(|run| {
            let (first, last) = run.first().zip(run.last())?;
            let range = self.plan.ranges.get(first.range as usize)?;
            Some((range.segment.as_str(), (first.number, last.number + 1)))
        });
        self.flight = Some(Flight::begin(owner, self.key(), &self.plan, frames));
    }

    /// Whether our frames in it are not to be sent again.
    pub(crate) fn is_discarded(&self) -> bool {
        self.flight.as_ref().is_some_and(Flight::is_discarded)
    }

    /// It has its end, and whoever calls this counts its frames. Answers how many of them this process has recorded.
    pub(crate) fn end(&mut self) -> u64 {
        self.flight.take().map_or(0, |flight| {
            let own = flight.own_events();
            flight.end();
            own
        })
    }

    /// It comes back without an end: our frames are ours again. Answers what is to become of them.
    pub(crate) fn turn_back(&mut self) -> Option<Outcome> {
        self.flight.take().and_then(Flight::turn_back)
    }

    /// Notes one more attempt; `ambiguous` if it may have arrived.
    pub fn attempted(&mut self, ambiguous: bool) {
        self.tries.attempts = self.tries.attempts.saturating_add(1);
        self.tries.ambiguous |= ambiguous;
    }
}

/// Whether a frame of this kind and day is too old. One from the future is new: clocks are set back.
pub(crate) fn is_expired(limits: &Limits, kind: u8, day: u32, unix_ms: u64) -> bool {
    let kept_days = limits.of(kind).map_or(limits.kept_days(), |limits| limits.kept_days);
    day_of(unix_ms).saturating_sub(day) > kept_days
}

/// What counts of a frame when it is put into a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) kind: u8,
    pub(crate) day: u32,
    /// The bytes of what is sent.
    pub(crate) len: usize,
}

/// Arranges frames into at most `most` requests, in their order; what is more stays for the next time. One kind a
/// request, and one day where the kind asks for it.
pub(crate) fn arrange<T>(
    events: impl IntoIterator<Item = T>,
    shape_of: impl Fn(&T) -> Shape,
    most: usize,
    limits: &Limits,
) -> Vec<Vec<T>> {
    let of =
        |kind| limits.of(kind).copied().unwrap_or(KindLimits { kind, batch_frames: 1, kept_days: 0, by_day: true });
    let mut groups: BTreeMap<(u8, u32), Vec<T>> = BTreeMap::new();
    let mut group: Option<((u8, u32), u32, Vec<T>)> = None;
    for event in events {
        let Shape { kind, day, .. } = shape_of(&event);
        // Nearly always the group of the frame before.
        if let Some((_, _, events)) = group.as_mut().filter(|(of, last, _)| (of.0, *last) == (kind, day)) {
            events.push(event);
            continue;
        }
        let key = (kind, if of(kind).by_day { day } else { 0 });
        if let Some((of, _, events)) = group.take() {
            groups.insert(of, events);
        }
        let mut events = groups.remove(&key).unwrap_or_default();
        events.push(event);
        group = Some((key, day, events));
    }
    groups.extend(group.map(|(key, _, events)| (key, events)));
    let mut batches = Vec::new();
    for events in groups.into_values() {
        let mut open: Vec<T> = Vec::new();
        let mut bytes = 0;
        // They are of one kind.
        let most_frames = events.first().map_or(1, |first| of(shape_of(first).kind).batch_frames);
        for event in events {
            let len = shape_of(&event).len + 1; // What separates them.
            if !open.is_empty() && (open.len() >= most_frames || bytes + len > limits.batch_bytes) {
                batches.push(std::mem::take(&mut open));
                bytes = 0;
            }
            bytes += len;
            open.push(event);
        }
        batches.push(open);
    }
    batches.truncate(most);
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::test::*;

    fn frames(count: usize, json: &'static [u8]) -> impl Iterator<Item = Frame<'static>> {
        (0..count).map(move |number| Frame {
            day: (number % 2) as u32,
            digest: [0; 16],
            destination: [0; 16],
            kind: STRICT,
            body: json,
        })
    }

    fn plan(kind: u8, frames: impl Iterator<Item = Frame<'static>>, most: usize) -> Vec<Vec<Frame<'static>>> {
        arrange(frames.map(|frame| Frame { kind, ..frame }), shape, most, &LIMITS)
    }

    fn shape(frame: &Frame<'_>) -> Shape {
        Shape { kind: frame.kind, day: frame.day, len: frame.body.len() }
    }

    fn sizes(plan: &[Vec<Frame<'_>>]) -> Vec<usize> {
        plan.iter().map(Vec::len).collect()
    }

    #[test]
    fn events_with_ids_share_a_batch_over_days() {
        assert_eq!(sizes(&plan(EXTENDED, frames(250, b"{}"), 99)), [BATCH_EVENTS, BATCH_EVENTS, 50]);
    }

    #[test]
    fn events_without_time_are_apart_by_day() {
        let plan = plan(STRICT, frames(250, b"{}"), 99);
        assert_eq!(sizes(&plan), [100, 25, 100, 25]);
        assert!(plan.iter().all(|batch| batch.iter().all(|frame| frame.day == batch[0].day)));
    }

    #[test]
    fn a_bare_payload_travels_alone() {
        for kind in [BEACON, REPORT] {
            assert_eq!(sizes(&plan(kind, frames(3, b"{}"), 99)), [1, 1, 1]);
        }
    }

    #[test]
    fn bytes_bound_a_batch_too() {
        let json: &'static [u8] = Box::leak(vec![b'x'; 30 * 1024].into_boxed_slice());
        let plan = plan(EXTENDED, frames(20, json), 99);
        assert_eq!(sizes(&plan), [8, 8, 4]);
    }

    #[test]
    fn what_is_too_much_is_left_over() {
        let plan = plan(REPORT, frames(20, b"{}"), 16);
        assert_eq!(plan.len(), 16);
    }

    #[test]
    fn events_expire_by_whole_days_and_never_early() {
        let hours = |hours: u64| hours * 60 * 60 * 1000;
        // Recorded in the last minute of day 10: 48 hours later it is day 12, and not before day 13 surely over.
        assert!(!is_expired(&LIMITS, STRICT, 10, hours(12 * 24 + 23)));
        assert!(is_expired(&LIMITS, STRICT, 10, hours(13 * 24)));
        assert!(!is_expired(&LIMITS, EXTENDED, 10, hours(24 * 24)));
        assert!(is_expired(&LIMITS, EXTENDED, 10, hours(25 * 24)));
        assert!(!is_expired(&LIMITS, STRICT, 10, 0), "the clock was set back");
    }
}
