//! Segments and batches, byte by byte: a header, then frames. All numbers are little-endian.
//!
//! ```text
//! header   8  magic: "TLMSPL1\n" for a segment, "TLMBAT1\n" for a batch; the digit is the version
//!          1  wire: 0 EventBatch, 1 EventBatch strict, 2 Beacon, 3 Report
//!          3  zero
//!          4  CRC-32C of the 12 bytes before
//! frame    4  length of the body
//!          4  CRC-32C of the body
//! body     4  UTC day of the event, in days since 1970-01-01
//!         16  digest of what the user agreed to for this event
//!          …  the event's final JSON, as it is sent
//! ```
//!
//! A frame is written with one `write`, so a process that is killed leaves whole frames, and at most a torn one at the
//! end. A frame with a wrong checksum is skipped; a length that cannot be ends the file, because there is nothing to find
//! the next frame by. Both count as one corrupt event.

use telemetry_schema::Wire;

use super::crc32c::{crc32c, extend};
use crate::pipeline::limits::EVENT_BYTES;

/// The first bytes of a segment.
pub(super) const SEGMENT_MAGIC: &[u8; 8] = b"TLMSPL1\n";
/// The first bytes of a batch.
pub(super) const BATCH_MAGIC: &[u8; 8] = b"TLMBAT1\n";

/// The bytes of a header.
pub(super) const HEADER_BYTES: usize = 16;
/// The bytes of a frame without its JSON.
const FRAME_BYTES: usize = 4 + 4 + 4 + 16;

/// The agreed-set digest of an event.
pub(crate) type Digest = [u8; 16];

/// One event on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// The UTC day of the event, in days since 1970-01-01.
    pub(crate) day: u32,
    /// What the user must have agreed to.
    pub(crate) digest: Digest,
    /// The event as it is sent.
    pub(crate) json: &'a [u8],
}

impl Frame<'_> {
    /// The bytes that [`Frame::write_to`] adds.
    pub(super) fn len_on_disk(&self) -> usize {
        FRAME_BYTES + self.json.len()
    }

    /// Adds the frame to `out`.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        let day = self.day.to_le_bytes();
        let crc = extend(extend(crc32c(&day), &self.digest), self.json);
        // Events are far below 4 GiB, see `EVENT_BYTES`; a length that were cut here would end the file for the reader.
        let len = u32::try_from(day.len() + self.digest.len() + self.json.len()).unwrap_or(0);
        out.extend(len.to_le_bytes());
        out.extend(crc.to_le_bytes());
        out.extend(day);
        out.extend(self.digest);
        out.extend(self.json);
    }
}

/// A header's bytes.
pub(super) fn header(magic: &[u8; 8], wire: Wire) -> [u8; HEADER_BYTES] {
    let [m0, m1, m2, m3, m4, m5, m6, m7] = *magic;
    let code = wire_code(wire);
    let [c0, c1, c2, c3] = extend(crc32c(magic), &[code, 0, 0, 0]).to_le_bytes();
    [m0, m1, m2, m3, m4, m5, m6, m7, code, 0, 0, 0, c0, c1, c2, c3]
}

fn wire_code(wire: Wire) -> u8 {
    match wire {
        Wire::EventBatch { strict: true } => 1,
        Wire::Beacon => 2,
        Wire::Report => 3,
        _ => 0,
    }
}

fn wire_from_code(code: u8) -> Option<Wire> {
    match code {
        0 => Some(Wire::EventBatch { strict: false }),
        1 => Some(Wire::EventBatch { strict: true }),
        2 => Some(Wire::Beacon),
        3 => Some(Wire::Report),
        _ => None,
    }
}

/// What the beginning of a file says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Frames of this wire follow.
    Wire(Wire),
    /// Nothing was written yet.
    Empty,
    /// Written by a later version of this crate, which will know what to do with it.
    Newer,
    /// Damaged.
    Corrupt,
}

/// Reads the header of `bytes`.
pub(super) fn head(bytes: &[u8], magic: &[u8; 8]) -> Head {
    if bytes.is_empty() {
        return Head::Empty;
    }
    let (Some(found), Some(rest)) = (bytes.first_chunk::<8>(), bytes.get(8..)) else { return Head::Corrupt };
    if found != magic {
        let family = |magic: &[u8; 8]| magic.first_chunk::<6>().copied();
        let newer = family(found) == family(magic)
            && matches!(found, [.., digit, b'\n'] if digit.is_ascii_digit() && *digit > b'1');
        return if newer { Head::Newer } else { Head::Corrupt };
    }
    let (Some(code @ [wire, ..]), Some(sum)) = (rest.first_chunk::<4>(), rest.get(4..).and_then(<[u8]>::first_chunk))
    else {
        return Head::Corrupt;
    };
    if extend(crc32c(magic), code) != u32::from_le_bytes(*sum) {
        return Head::Corrupt;
    }
    wire_from_code(*wire).map_or(Head::Newer, Head::Wire)
}

/// Reads frames, one item each: a frame, or `None` for one that is damaged.
pub(super) struct Frames<'a> {
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Reads the frames of a whole file.
    pub(super) fn of_file(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.get(HEADER_BYTES..).unwrap_or_default() }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Option<Frame<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((crc, body, rest)) = split(self.rest) else {
            self.rest = &[];
            return Some(None);
        };
        self.rest = rest;
        Some(if crc32c(body) == crc { parse_body(body) } else { None })
    }
}

/// The checksum, the body and what follows; `None` if the length cannot be.
fn split(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let len = u32::from_le_bytes(*bytes.first_chunk()?);
    let crc = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    let len = usize::try_from(len).ok()?;
    if !(4 + 16..=4 + 16 + EVENT_BYTES).contains(&len) {
        return None;
    }
    let (body, rest) = bytes.get(8..)?.split_at_checked(len)?;
    Some((crc, body, rest))
}

fn parse_body(body: &[u8]) -> Option<Frame<'_>> {
    let day = u32::from_le_bytes(*body.first_chunk()?);
    let digest = *body.get(4..)?.first_chunk()?;
    Some(Frame { day, digest, json: body.get(20..)? })
}

/// The digest whose 32 hexadecimal digits are `hex`.
pub(crate) fn digest_from_hex(hex: &str) -> Option<Digest> {
    let plain = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: Wire = Wire::EventBatch { strict: true };

    fn file(events: &[&str]) -> Vec<u8> {
        let mut bytes = header(SEGMENT_MAGIC, WIRE).to_vec();
        for (number, json) in events.iter().enumerate() {
            Frame { day: 20_000 + number as u32, digest: [7; 16], json: json.as_bytes() }.write_to(&mut bytes);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<String>, usize) {
        let frames: Vec<_> = Frames::of_file(bytes).collect();
        let corrupt = frames.iter().filter(|frame| frame.is_none()).count();
        (frames.iter().flatten().map(|frame| String::from_utf8(frame.json.to_vec()).unwrap()).collect(), corrupt)
    }

    #[test]
    fn frames_read_back() {
        let bytes = file(&["{\"a\":1}", "{}", "{\"b\":\"é\"}"]);
        assert_eq!(head(&bytes, SEGMENT_MAGIC), Head::Wire(WIRE));
        let frames: Vec<_> = Frames::of_file(&bytes).map(Option::unwrap).collect();
        assert_eq!(frames[2], Frame { day: 20_002, digest: [7; 16], json: "{\"b\":\"é\"}".as_bytes() });
        assert_eq!(frames.len(), 3);
        assert_eq!(bytes.len(), HEADER_BYTES + frames.iter().map(Frame::len_on_disk).sum::<usize>());
    }

    #[test]
    fn headers_of_every_wire_read_back() {
        for wire in [WIRE, Wire::EventBatch { strict: false }, Wire::Beacon, Wire::Report] {
            assert_eq!(head(&header(BATCH_MAGIC, wire), BATCH_MAGIC), Head::Wire(wire));
        }
    }

    #[test]
    fn a_later_version_is_left_alone_and_damage_is_not() {
        assert_eq!(head(b"", SEGMENT_MAGIC), Head::Empty);
        assert_eq!(head(b"TLMSPL2\nanything", SEGMENT_MAGIC), Head::Newer);
        assert_eq!(head(b"TLMSPL1\n", SEGMENT_MAGIC), Head::Corrupt);
        assert_eq!(head(&[0; 64], SEGMENT_MAGIC), Head::Corrupt);
        assert_eq!(head(&header(BATCH_MAGIC, WIRE), SEGMENT_MAGIC), Head::Corrupt);
    }

    #[test]
    fn every_flipped_byte_costs_one_file_at_most_and_never_alters_an_event() {
        let events = ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"];
        let whole = file(&events);
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x41;
            if !matches!(head(&bytes, SEGMENT_MAGIC), Head::Wire(_)) {
                assert!(place < HEADER_BYTES, "only damage in the header costs the file");
                continue;
            }
            let (read, corrupt) = read(&bytes);
            assert!(read.iter().all(|event| events.contains(&event.as_str())), "byte {place}: {read:?}");
            // A length that is wrong but possible hides where the next frames begin.
            assert!((1..=events.len() - read.len()).contains(&corrupt), "byte {place}: {corrupt}");
        }
    }

    #[test]
    fn every_cut_keeps_the_frames_before_it() {
        let whole = file(&["{\"n\":1}", "{\"n\":2}"]);
        let first = file(&["{\"n\":1}"]).len();
        for end in HEADER_BYTES..whole.len() {
            let (read, corrupt) = read(&whole[..end]);
            assert_eq!(read.len(), usize::from(end >= first), "cut at {end}");
            assert_eq!(corrupt, usize::from(end != HEADER_BYTES && end != first), "cut at {end}");
        }
    }

    #[test]
    fn zeros_and_huge_lengths_end_the_file() {
        for tail in [vec![0; 500], vec![0xFF; 500]] {
            let mut bytes = file(&["{}"]);
            bytes.extend(tail);
            assert_eq!(read(&bytes), (vec!["{}".to_owned()], 1));
        }
    }

    #[test]
    fn digests_are_read_from_hexadecimal_only() {
        assert_eq!(digest_from_hex("000102030405060708090a0b0c0d0e0f").unwrap()[15], 15);
        for hex in ["", "00", "+00102030405060708090a0b0c0d0e0f", "g00102030405060708090a0b0c0d0e0f"] {
            assert_eq!(digest_from_hex(hex), None, "{hex}");
        }
    }
}
