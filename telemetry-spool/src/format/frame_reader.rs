//! Reads the frames of a file that may be damaged anywhere: what was hit is lost, and nothing else.
//!
//! Each frame's header has a checksum of its own. Where it is right, its length is right, so a damaged body costs that
//! one frame and the next frame follows. Where it is wrong, the reader goes on byte by byte until a header is right
//! again. It cannot take a frame's text for a header: the upper half of a length is zero, and JSON has no zero bytes.
//!
//! Frames are numbered, so the reader also knows how many it has not seen: those below the highest number, and one more if
//! there is something behind the last frame that is none.

use crate::format::{
    crc32c::crc32c,
    frame::{BODY_BYTES, FOOTER_BYTES, FRAME_HEADER_BYTES, Frame, FrameHeader, HEADER_BYTES, Head, head, parse_footer},
};

/// How many times the length of the file the reader sums up at most: whatever stands in it, the work is in proportion.
const MOST_READINGS: usize = 4;

/// A frame and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed<'a> {
    pub(crate) frame: Frame<'a>,
    /// Its number in the file.
    pub(crate) number: u32,
    /// Where it begins, in bytes from the start of the file.
    pub(crate) at: u64,
    /// Its bytes, header and footer included.
    pub(crate) len: u64,
}

impl Placed<'_> {
    /// Where it stands in bytes that begin at this byte of the file.
    pub(crate) fn span_from(&self, begin: u64) -> Option<Span> {
        let from = u32::try_from(self.at.checked_sub(begin)?).ok()?;
        Some(Span { from, len: u32::try_from(self.len).ok()?, body: u32::try_from(self.frame.body_len()).ok()? })
    }
}

/// Where a frame that was read once stands in some bytes, for who reads it again without summing it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    from: u32,
    len: u32,
    body: u32,
}

impl Span {
    /// Its bytes, and what is in them.
    pub(crate) fn of<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], Frame<'a>)> {
        let bytes = bytes.get(self.from as usize..)?.get(..self.len as usize)?;
        let body = bytes.get(FRAME_HEADER_BYTES..)?.get(..self.body as usize)?;
        Some((bytes, Frame::parse(body)?))
    }

    /// The first of its bytes, and how many they are.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.from.into(), self.len.into())
    }

    /// The bytes of what is sent of it.
    pub(crate) fn sent_len(&self) -> usize {
        (self.body as usize).saturating_sub(BODY_BYTES)
    }
}

/// What is known of the bytes that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Nothing,
    /// They were read and summed up before: frames stand in them, and of some the end was cut off.
    Read,
    /// This process has written them: they are frames, and nothing else.
    Written,
}

/// The frames that can be read, in their order.
pub(crate) struct FrameReader<'a> {
    rest: &'a [u8],
    /// Where `rest` begins in the file.
    at: u64,
    /// Frames that came.
    whole: u64,
    /// Frames there must have been.
    expected: u64,
    /// Bytes from here on that belong to the last header.
    covered: usize,
    /// Something that belongs to no header stands behind the last one.
    stray: bool,
    /// Bytes that may still be summed up for nothing.
    patience: usize,
    trust: Trust,
}

impl<'a> FrameReader<'a> {
    /// Reads the frames of a whole file.
    pub(crate) fn of_file(bytes: &'a [u8]) -> Self {
        match head(bytes) {
            Head::Ours => Self::at(bytes.get(HEADER_BYTES..).unwrap_or_default(), HEADER_BYTES as u64),
            Head::Damaged => Self::at(bytes, 0),
            Head::Empty | Head::Foreign => Self::at(&[], 0),
        }
    }

    /// As [`FrameReader::of_file`], of a file as this process has written it.
    pub(crate) fn of_written(bytes: &'a [u8]) -> Self {
        let frames = bytes.get(HEADER_BYTES..).unwrap_or_default();
        Self { trust: Trust::Written, ..Self::at(frames, HEADER_BYTES as u64) }
    }

    /// As [`FrameReader::at`], of bytes that are known to be those that were read and summed up before.
    pub(crate) fn of_known(rest: &'a [u8], at: u64) -> Self {
        Self { trust: Trust::Read, ..Self::at(rest, at) }
    }

    /// Reads frames of the middle of a file, which begins at this byte.
    pub(crate) fn at(rest: &'a [u8], at: u64) -> Self {
        let patience = rest.len().saturating_mul(MOST_READINGS);
        Self { rest, at, whole: 0, expected: 0, covered: 0, stray: false, patience, trust: Trust::Nothing }
    }

    /// How many frames cannot be read, once all that can have been.
    pub(crate) fn damaged(&self) -> u64 {
        self.next_number() - self.whole
    }

    /// The number of the frame that may follow, once all that can be read have been.
    pub(crate) fn next_number(&self) -> u64 {
        self.expected.max(self.whole) + u64::from(self.stray)
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes as u64;
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.covered = self.covered.saturating_sub(bytes);
    }
}

impl<'a> Iterator for FrameReader<'a> {
    type Item = Placed<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let header = match self.trust {
                Trust::Nothing => FrameHeader::parse(self.rest),
                Trust::Read | Trust::Written => FrameHeader::parse_known(self.rest),
            };
            let Some(header) = header else {
                self.stray |= self.covered == 0;
                self.skip(1);
                continue;
            };
            self.stray = false;
            let most = FRAME_HEADER_BYTES + header.len + FOOTER_BYTES;
            self.covered = self.covered.max(most);
            self.expected = self.expected.max(header.number + 1);
            let behind = self.rest.get(FRAME_HEADER_BYTES..).unwrap_or_default();
            match behind.split_at_checked(header.len) {
                Some((body, footer)) if self.trust != Trust::Nothing || crc32c(body) == header.crc => {
                    // Of a footer that was cut off or damaged nothing is known; another frame may begin within it.
                    let is_footer = self.trust == Trust::Written
                        || parse_footer(footer).is_some_and(|number| u64::from(number) == header.number);
                    let len = if is_footer { most } else { most - FOOTER_BYTES };
                    let at = self.at;
                    self.skip(len);
                    if let Some(frame) = Frame::parse(body) {
                        self.whole += 1;
                        return Some(Placed { frame, number: u32::try_from(header.number).ok()?, at, len: len as u64 });
                    }
                }
                // Damaged or cut off. A piece of the file may be missing, and another frame begin within these bytes.
                _ if header.len <= self.patience => {
                    self.patience -= header.len;
                    self.skip(FRAME_HEADER_BYTES);
                }
                _ => self.skip(FRAME_HEADER_BYTES + header.len),
            }
        }
        None
    }
}

/// All frames of a file, and how many frames cannot be read.
pub(crate) fn contents(bytes: &[u8]) -> (Vec<Placed<'_>>, u64) {
    let mut reader = FrameReader::of_file(bytes);
    let frames = reader.by_ref().collect();
    (frames, reader.damaged())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        format::frame::{SEGMENT_MAGIC, header},
        limits::SPOOL_BYTES,
    };

    const EVENTS: [&str; 3] = ["{\"n\":1}", "{\"n\":2,\"text\":\"é\"}", "{\"n\":3}"];

    fn frame(day: u32, json: &[u8]) -> Frame<'_> {
        Frame { day, digest: [7; 16], destination: [8; 16], kind: 1, body: json }
    }

    fn segment(events: &[&str]) -> Vec<u8> {
        let mut bytes = header(SEGMENT_MAGIC).to_vec();
        for (number, json) in (0..).zip(events) {
            frame(20_000 + number, json.as_bytes()).write_to(number, &mut bytes);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<String>, u64) {
        let (frames, damaged) = contents(bytes);
        (frames.iter().map(|placed| String::from_utf8(placed.frame.body.to_vec()).unwrap()).collect(), damaged)
    }

    /// The frame that a byte belongs to; `None` for the file's header.
    fn hit(place: usize) -> Option<usize> {
        (0..EVENTS.len())
            .rev()
            .find(|number| place >= segment(&EVENTS[..*number]).len())
            .filter(|_| place >= HEADER_BYTES)
    }

    /// Whether a byte belongs to what stands behind a frame, which only says how to go on.
    fn is_footer(place: usize) -> bool {
        (1..=EVENTS.len()).any(|events| {
            let end = segment(&EVENTS[..events]).len();
            (end - FOOTER_BYTES..end).contains(&place)
        })
    }

    #[test]
    fn frames_read_back() {
        let bytes = segment(&EVENTS);
        let (frames, damaged) = contents(&bytes);
        let second = frame(20_001, EVENTS[1].as_bytes());
        assert_eq!((frames[1].frame, frames[1].number, frames.len(), damaged), (second, 1, 3, 0));
        assert_eq!(frames[0].at, HEADER_BYTES as u64);
        assert!(frames.windows(2).all(|pair| pair[0].at + pair[0].len == pair[1].at));
        assert_eq!(bytes.len(), HEADER_BYTES + frames.iter().map(|placed| placed.frame.len_on_disk()).sum::<usize>());
    }

    /// A process is killed in the middle of a write, and another one appends behind what is left.
    #[test]
    fn o21_what_stands_behind_a_torn_frame_is_read() {
        let (one, two) = (segment(&EVENTS[..1]), segment(&EVENTS[..2]));
        for cut in one.len() + 1..two.len() {
            let mut bytes = two[..cut].to_vec();
            let mut frames = FrameReader::of_file(&bytes);
            let whole = frames.by_ref().count();
            let next = u32::try_from(frames.next_number()).unwrap();
            frame(20_002, EVENTS[2].as_bytes()).write_to(next, &mut bytes);
            let (events, damaged) = read(&bytes);
            assert_eq!(events.last().map(String::as_str), Some(EVENTS[2]), "cut at {cut}");
            assert_eq!((events.len(), damaged), (whole + 1, 2 - whole as u64), "cut at {cut}");
        }
    }

    #[test]
    fn r11_every_changed_byte_costs_the_event_it_hits_and_no_other() {
        let whole = segment(&EVENTS);
        for place in 0..whole.len() {
            for change in [0x01, 0x41, 0x80, 0xFF, whole[place]] {
                let mut bytes = whole.clone();
                bytes[place] ^= change;
                if change == 0 {
                    continue; // A zero that was set to zero.
                }
                let hit = hit(place).filter(|_| !is_footer(place));
                let left: Vec<_> = (0..3).filter(|number| Some(*number) != hit).map(|number| EVENTS[number]).collect();
                let damaged = u64::from(hit.is_some());
                assert_eq!(
                    read(&bytes),
                    (left.iter().map(|event| event.to_string()).collect(), damaged),
                    "byte {place}"
                );
            }
        }
    }

    #[test]
    fn r11_every_cut_keeps_the_events_before_it() {
        let whole = segment(&EVENTS);
        for end in HEADER_BYTES..whole.len() {
            let before = hit(end).unwrap_or(0);
            let on_a_border = end == segment(&EVENTS[..before]).len();
            // How many frames were behind a cut on a border nobody knows; a frame is whole without its footer.
            let whole = is_footer(end);
            let expected = EVENTS[..before + usize::from(whole)].iter().map(|event| event.to_string()).collect();
            assert_eq!(read(&whole_file(end)), (expected, u64::from(!on_a_border && !whole)), "cut at {end}");
        }
    }

    fn whole_file(end: usize) -> Vec<u8> {
        segment(&EVENTS)[..end].to_vec()
    }

    #[test]
    fn r11_every_hole_costs_the_events_it_hits_and_no_other() {
        let whole = segment(&EVENTS);
        for start in 0..whole.len() {
            for end in [start + 1, start + 20, start + 60] {
                let end = end.min(whole.len());
                let left = |touched: &[usize]| -> Vec<_> {
                    (0..3).filter(|number| !touched.contains(number)).map(|number| EVENTS[number].to_owned()).collect()
                };
                let in_event = |place: &usize| !is_footer(*place);
                let touched: Vec<_> = (start..end).filter(in_event).filter_map(hit).collect();
                let changed: Vec<_> =
                    (start..end).filter(in_event).filter(|place| whole[*place] != 0).filter_map(hit).collect();
                let mut zeroed = whole.clone();
                zeroed[start..end].fill(0);
                let (events, damaged) = read(&zeroed);
                assert_eq!(events, left(&changed), "zeros from {start} to {end}");
                // Of frames whose numbers are gone with everything behind them, one is known to be there.
                let lost = 3 - events.len() as u64;
                assert!(damaged == lost || (lost > 1 && damaged >= 1), "zeros from {start} to {end}: {damaged}");
                let cut = [&whole[..start], &whole[end..]].concat();
                assert_eq!(read(&cut).0, left(&touched), "without {start} to {end}");
            }
        }
    }

    #[test]
    fn garbage_behind_the_last_event_is_one_event_and_ends() {
        for tail in [vec![0; 500], vec![0xFF; 500], b"{\"n\":4}".to_vec()] {
            assert_eq!(read(&[segment(&["{}"]), tail].concat()), (vec!["{}".to_owned()], 1));
        }
        assert_eq!(read(&[segment(&["{}"]), segment(&["{}"])].concat()).0.len(), 2, "two segments in one file");
    }

    #[test]
    fn a_promise_that_cannot_be_kept_by_any_file_is_damage() {
        let mut bytes = header(SEGMENT_MAGIC).to_vec();
        frame(1, b"{}").write_to(u32::MAX, &mut bytes);
        assert_eq!(read(&bytes), (vec![], 1));
    }

    #[test]
    fn the_work_is_in_proportion_to_the_file() {
        // Headers with right checksums as close as they can stand, each with the longest body, which is wrong.
        let mut one = Vec::new();
        let json = vec![b'x'; crate::limits::FRAME_BYTES];
        frame(1, &json).write_to(0, &mut one);
        one.truncate(FRAME_HEADER_BYTES);
        let bytes = [header(SEGMENT_MAGIC).to_vec(), one.repeat(SPOOL_BYTES as usize / FRAME_HEADER_BYTES)].concat();
        let mut reader = FrameReader::of_file(&bytes);
        let most = reader.patience;
        assert_eq!(reader.by_ref().count(), 0);
        assert!(most <= MOST_READINGS * bytes.len() && reader.patience < 64 * 1024, "the patience was used up");
        assert_eq!(reader.damaged(), 1);
    }
}
