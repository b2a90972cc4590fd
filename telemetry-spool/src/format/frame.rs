//! Segments, byte by byte: a header, then frames. All numbers are little-endian. `docs/spool.md` says the same to people who
//! read a spool without this code.
//!
//! ```text
//! header   8  magic: "TLMSPL3\n"; the digit is the version
//!          4  0
//!          4  CRC-32C of the 12 bytes before
//! frame    4  length of the body
//!          4  number of the frame in its file, from 0
//!          4  CRC-32C of the body
//!          4  CRC-32C of the 12 bytes before
//! body     4  UTC day of the frame, in days since 1970-01-01
//!         16  digest of what has to be permitted for this frame
//!         16  digest of where the frame goes
//!          1  kind: what the frame is, a number of the program
//!          …  what is sent
//! footer   4  number of the frame again
//!          4  CRC-32C of these 4 bytes
//! ```
//!
//! A frame is written with one `write`, so a process that is killed leaves whole frames, and at most a torn one at the
//! end. Whoever appends next sees by the last 8 bytes whether the file ends with a whole frame, and which number is next.
//! How damage is read is the subject of [`super::frame_reader`].

use crate::{
    format::crc32c::{crc32c, extend, of_few},
    limits::{FRAME_BYTES, SPOOL_BYTES},
};

/// The first bytes of a segment.
pub(crate) const SEGMENT_MAGIC: &[u8; 8] = b"TLMSPL3\n";

/// The bytes of a file's header.
pub(crate) const HEADER_BYTES: usize = 16;
/// The bytes of a frame before its body.
pub(crate) const FRAME_HEADER_BYTES: usize = 16;
/// The bytes of a frame behind its body.
pub(crate) const FOOTER_BYTES: usize = 8;
/// The bytes of a body before its JSON.
pub(crate) const BODY_BYTES: usize = 4 + 16 + 16 + 1;
/// No file has more frames: that many do not fit into a spool. A larger number is damage, whatever its checksum says.
const MOST_FRAMES: u64 = SPOOL_BYTES / (FRAME_HEADER_BYTES + BODY_BYTES + FOOTER_BYTES) as u64;

/// A digest of the caller's: of what has to be permitted for a frame, or of where it goes.
pub type Digest = [u8; 16];

/// One frame on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The UTC day of the frame, in days since 1970-01-01.
    pub day: u32,
    /// By which the caller knows whether it may be sent: see [`Backlog::next`](crate::Backlog::next).
    pub digest: Digest,
    /// Where it goes: programs with another destination leave it alone.
    pub destination: Digest,
    /// What sort of frame it is: whoever appends and whoever sends know. Kinds never share a batch.
    pub kind: u8,
    /// What is sent. Text without zero bytes is told from the parts of a frame in any damaged file.
    pub body: &'a [u8],
}

impl Frame<'_> {
    /// Whether they differ in what is sent alone.
    pub(crate) fn is_like(&self, other: &Frame<'_>) -> bool {
        (self.day, self.kind) == (other.day, other.kind)
            && (self.digest, self.destination) == (other.digest, other.destination)
    }

    /// The bytes of its body.
    pub(crate) fn body_len(&self) -> usize {
        BODY_BYTES + self.body.len()
    }

    /// Its bytes on disk.
    pub(crate) fn len_on_disk(&self) -> usize {
        FRAME_HEADER_BYTES + BODY_BYTES + self.body.len() + FOOTER_BYTES
    }

    /// Adds what stands before the part of its body that is sent; [`seal`] does the rest.
    pub(crate) fn begin(&self, out: &mut Vec<u8>) {
        let mut begin = [0; FRAME_HEADER_BYTES + BODY_BYTES];
        if let Some((_, rest)) = begin.split_first_chunk_mut::<FRAME_HEADER_BYTES>()
            && let Some((day, rest)) = rest.split_first_chunk_mut()
            && let Some((digest, rest)) = rest.split_first_chunk_mut()
            && let Some((destination, [kind])) = rest.split_first_chunk_mut()
        {
            *day = self.day.to_le_bytes();
            (*digest, *destination, *kind) = (self.digest, self.destination, self.kind);
        }
        out.extend_from_slice(&begin);
    }

    /// Adds the frame to `out`, as the one with this number in its file.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn write_to(&self, number: u32, out: &mut Vec<u8>) {
        let at = out.len();
        self.begin(out);
        out.extend_from_slice(self.body);
        out.extend_from_slice(&[0; FOOTER_BYTES]);
        if let Some(frame) = out.get_mut(at..) {
            seal(frame, number);
        }
    }

    /// Reads a body whose checksum was right; `None` if a later version wrote it, or nobody of ours.
    pub(crate) fn parse(body: &[u8]) -> Option<Frame<'_>> {
        let day = u32::from_le_bytes(*body.first_chunk()?);
        let digest = *body.get(4..)?.first_chunk()?;
        let destination = *body.get(20..)?.first_chunk()?;
        let kind = *body.get(36)?;
        Some(Frame { day, digest, destination, kind, body: body.get(BODY_BYTES..)? })
    }
}

/// Writes what stands around the body of a frame that is whole but for that.
pub(crate) fn seal(frame: &mut [u8], number: u32) {
    let Some((head, rest)) = frame.split_first_chunk_mut::<FRAME_HEADER_BYTES>() else { return };
    let Some((body, foot)) = rest.split_last_chunk_mut::<FOOTER_BYTES>() else { return };
    // Frames are far below 4 GiB, see `FRAME_BYTES`; a length that were cut here would be damage for the reader.
    let len = u32::try_from(body.len()).unwrap_or(0);
    let ([l0, l1, l2, l3], [n0, n1, n2, n3], [b0, b1, b2, b3]) =
        (len.to_le_bytes(), number.to_le_bytes(), crc32c(body).to_le_bytes());
    let covered = [l0, l1, l2, l3, n0, n1, n2, n3, b0, b1, b2, b3];
    let [c0, c1, c2, c3] = of_few(&covered).to_le_bytes();
    *head = [l0, l1, l2, l3, n0, n1, n2, n3, b0, b1, b2, b3, c0, c1, c2, c3];
    *foot = footer(number);
}

/// What stands before the body of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameHeader {
    pub(crate) len: usize,
    pub(crate) number: u64,
    pub(crate) crc: u32,
}

impl FrameHeader {
    /// The header at the beginning of `bytes`; `None` if there is none with a right checksum and possible numbers.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        // The length first: it rules out nearly every place that is no header, before anything is summed up.
        let header = Self::parse_known(bytes)?;
        let (covered, rest) = bytes.split_first_chunk::<12>()?;
        (u32::from_le_bytes(*rest.first_chunk()?) == of_few(covered)).then_some(header)
    }

    /// As [`FrameHeader::parse`], of bytes that were summed up before.
    pub(crate) fn parse_known(bytes: &[u8]) -> Option<Self> {
        let [l0, l1, l2, l3, n0, n1, n2, n3, c0, c1, c2, c3] = *bytes.first_chunk::<12>()?;
        let len = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?;
        let number = u64::from(u32::from_le_bytes([n0, n1, n2, n3]));
        let possible = (BODY_BYTES..=BODY_BYTES + FRAME_BYTES).contains(&len) && number < MOST_FRAMES;
        possible.then(|| Self { len, number, crc: u32::from_le_bytes([c0, c1, c2, c3]) })
    }
}

/// What stands behind the body of the frame with this number.
fn footer(number: u32) -> [u8; FOOTER_BYTES] {
    let [n0, n1, n2, n3] = number.to_le_bytes();
    let [c0, c1, c2, c3] = of_few(&number.to_le_bytes()).to_le_bytes();
    [n0, n1, n2, n3, c0, c1, c2, c3]
}

/// The number of the frame that `bytes` is the end of; `None` if no whole frame ends there.
pub(crate) fn parse_footer(bytes: &[u8]) -> Option<u32> {
    let [n0, n1, n2, n3, c0, c1, c2, c3] = *bytes.first_chunk()?;
    let number = u32::from_le_bytes([n0, n1, n2, n3]);
    let right = u64::from(number) < MOST_FRAMES && u32::from_le_bytes([c0, c1, c2, c3]) == of_few(&[n0, n1, n2, n3]);
    right.then_some(number)
}

/// The bytes of a file's header.
pub(crate) fn header(magic: &[u8; 8]) -> [u8; HEADER_BYTES] {
    let [m0, m1, m2, m3, m4, m5, m6, m7] = *magic;
    let [c0, c1, c2, c3] = extend(crc32c(magic), &[0; 4]).to_le_bytes();
    [m0, m1, m2, m3, m4, m5, m6, m7, 0, 0, 0, 0, c0, c1, c2, c3]
}

/// What the beginning of a file says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// Frames of ours follow.
    Ours,
    /// Nothing was written yet.
    Empty,
    /// Written by another version of this crate, which knows what to do with it.
    Foreign,
    /// Damaged. The frames behind it need not be.
    Damaged,
}

/// Reads the header of `bytes`. Every version keeps these 16 bytes and their checksum, so that each can tell another
/// version from damage.
pub(crate) fn head(bytes: &[u8]) -> Head {
    if bytes.is_empty() {
        return Head::Empty;
    }
    let Some((covered, sum)) = bytes.split_first_chunk::<12>() else { return Head::Damaged };
    if sum.first_chunk().is_none_or(|sum| u32::from_le_bytes(*sum) != crc32c(covered)) {
        return Head::Damaged;
    }
    let (magic, _) = covered.split_at(SEGMENT_MAGIC.len());
    match *covered {
        _ if magic == SEGMENT_MAGIC => Head::Ours,
        [b'T', b'L', b'M', _, _, _, digit, b'\n', ..] if digit.is_ascii_digit() => Head::Foreign,
        _ => Head::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_footers_read_back() {
        assert_eq!(head(&header(SEGMENT_MAGIC)), Head::Ours);
        for number in [0, 1, 50_000] {
            assert_eq!(parse_footer(&footer(number)), Some(number));
        }
        assert_eq!(parse_footer(&footer(u32::MAX)), None, "no file has so many");
        for end in [&b"\"payload\":{\"n\":1}}"[..], &[0; 8], &[0xFF; 8], b"{}"] {
            assert_eq!(parse_footer(end), None, "{end:?}");
        }
    }

    #[test]
    fn another_version_is_told_from_damage() {
        assert_eq!(head(b""), Head::Empty);
        for other in [b"TLMSPL1\n", b"TLMSPL4\n", b"TLMBAT1\n"] {
            assert_eq!(head(&header(other)), Head::Foreign);
        }
        for place in 0..HEADER_BYTES {
            for magic in [b"TLMSPL1\n", SEGMENT_MAGIC] {
                let mut bytes = header(magic);
                bytes[place] ^= 2; // Makes of the digit 1 a 3, and the other way round.
                assert_eq!(head(&bytes), Head::Damaged, "byte {place}");
            }
        }
        assert_eq!(head(SEGMENT_MAGIC), Head::Damaged);
        assert_eq!(head(&[0; 64]), Head::Damaged);
    }
}
