//! UUIDs of version 7: time first, so that names sort by age and a server's index stays small.

use std::sync::{Mutex, PoisonError};

use crate::process::PerProcess;

/// Milliseconds of an hour.
const HOUR_MS: u64 = 60 * 60 * 1000;

/// Random bytes of one id: beside time, version and variant it has 74 bits.
const ID_BYTES: usize = 10;

/// Bytes that one request to the system brings, for so many ids.
const BLOCK_BYTES: usize = 400 * ID_BYTES;

/// Random bytes that were asked for and not used. A forked child has its own.
static RANDOM: PerProcess<Mutex<Block>> = PerProcess::new(Mutex::new(Block::EMPTY), |_| Mutex::new(Block::EMPTY));

struct Block {
    bytes: [u8; BLOCK_BYTES],
    used: usize,
}

impl Block {
    const EMPTY: Self = Self { bytes: [0; BLOCK_BYTES], used: BLOCK_BYTES };

    /// Bytes that nobody had before; `None` if the system has none to give.
    fn next(&mut self) -> Option<[u8; ID_BYTES]> {
        if self.used >= BLOCK_BYTES {
            getrandom::fill(&mut self.bytes).ok()?;
            self.used = 0;
        }
        let random = *self.bytes.get(self.used..)?.first_chunk()?;
        self.used += random.len();
        Some(random)
    }
}

/// A UUIDv7 of a moment in milliseconds since 1970; for names that never leave this machine.
///
/// `None` if the system has no random numbers to give.
pub fn uuid7(unix_ms: u64) -> Option<String> {
    let mut text = Vec::with_capacity(36);
    push_uuid7(&mut text, unix_ms).then_some(text).and_then(|text| String::from_utf8(text).ok())
}

/// The eight digits of 32 bits, all at once: a byte of the result for each half byte.
fn hexadecimal(bits: u32) -> [u8; 8] {
    let mut spread = u64::from(bits);
    for (shift, mask) in [(16, 0x0000_FFFF_0000_FFFF_u64), (8, 0x00FF_00FF_00FF_00FF), (4, 0x0F0F_0F0F_0F0F_0F0F)] {
        spread = (spread | spread << shift) & mask;
    }
    const ONES: u64 = u64::MAX / 0xFF;
    // One in each byte that is a letter.
    let letters = (spread + 6 * ONES) >> 4 & ONES;
    (spread + u64::from(b'0') * ONES + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

/// As [`uuid7`], behind what is in `out`; `false` if nothing was added. Allocates nothing if there is room.
pub fn push_uuid7(out: &mut Vec<u8>, unix_ms: u64) -> bool {
    let Some(random) = RANDOM.lock().unwrap_or_else(PoisonError::into_inner).next() else { return false };
    let [r0, r1, low @ ..] = random;
    // 48 bits of time, the version in the next 4, then 12 random bits.
    let high = unix_ms << 16 | 0x7000 | u64::from(u16::from_be_bytes([r0, r1]) & 0x0FFF);
    // The variant in 2 bits, and 62 random ones.
    let low = u64::from_be_bytes(low) & (u64::MAX >> 2) | 0b10 << 62;
    let (first, [b0, b1, b2, b3, b4, b5, b6, b7]) = (hexadecimal((high >> 32) as u32), hexadecimal(high as u32));
    let ([c0, c1, c2, c3, c4, c5, c6, c7], last) = (hexadecimal((low >> 32) as u32), hexadecimal(low as u32));
    let mut text = [b'-'; 36];
    put(&mut text, 0, first);
    put(&mut text, 9, [b0, b1, b2, b3]);
    put(&mut text, 14, [b4, b5, b6, b7]);
    put(&mut text, 19, [c0, c1, c2, c3]);
    put(&mut text, 24, [c4, c5, c6, c7]);
    put(&mut text, 28, last);
    out.extend_from_slice(&text);
    true
}

/// Some digits of an id, in their place.
fn put<const N: usize>(text: &mut [u8; 36], place: usize, digits: [u8; N]) {
    if let Some(to) = text.get_mut(place..).and_then(|rest| rest.first_chunk_mut()) {
        *to = digits;
    }
}

/// A UUIDv7 of an hour since 1970; for what is sent. The rest of the time would say when somebody works, to the
/// millisecond, and nobody needs it.
pub fn uuid7_hour(hour: u64) -> Option<String> {
    uuid7(hour.saturating_mul(HOUR_MS))
}

/// As [`uuid7_hour`], behind what is in `out`; `false` if nothing was added.
pub fn push_uuid7_hour(out: &mut Vec<u8>, hour: u64) -> bool {
    push_uuid7(out, hour.saturating_mul(HOUR_MS))
}

/// What lower-case hexadecimal digits say, at most sixteen; `None` of other text.
fn value(digits: &[u8]) -> Option<u64> {
    let mut value = 0;
    for digit in digits {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u64::from(digit);
    }
    Some(value)
}

/// The time in a UUIDv7 in milliseconds since 1970; `None` for other text. Only the one spelling that we write is read.
pub fn unix_ms_of(text: &str) -> Option<u64> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut groups = bytes.split(|byte| *byte == b'-');
    let mut group = |len: usize| groups.next().filter(|digits| digits.len() == len).and_then(value);
    let (high, low, version, variant, _) = (group(8)?, group(4)?, group(4)?, group(4)?, group(12)?);
    // Dashes have the number and places of these five, as all have 36 bytes together.
    (version >> 12 == 7 && variant >> 14 == 0b10).then_some(high << 16 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_reads_back_and_is_cut_to_the_hour() {
        let now = 1_795_318_445_123;
        assert_eq!(unix_ms_of(&uuid7(now).unwrap()), Some(now));
        assert_eq!(unix_ms_of(&uuid7_hour(now / HOUR_MS).unwrap()), Some(now / HOUR_MS * HOUR_MS));
        assert_ne!(uuid7(now), uuid7(now));
    }

    #[test]
    fn no_two_are_alike_however_many_one_request_to_the_system_brings() {
        let ids: std::collections::HashSet<_> = (0..1_000).map(|_| uuid7(0).unwrap()).collect();
        assert_eq!(ids.len(), 1_000);
        let mut out = b"id ".to_vec();
        assert!(push_uuid7_hour(&mut out, 1));
        assert_eq!((out.len(), unix_ms_of(str::from_utf8(&out[3..]).unwrap())), (39, Some(HOUR_MS)));
    }

    #[test]
    fn version_and_variant_stand_in_their_places() {
        for _ in 0..100 {
            let id = uuid7(u64::MAX).unwrap();
            assert!(id.starts_with("ffffffff-ffff-7"), "{id}");
            assert!(unix_ms_of(&id).is_some(), "{id}");
        }
    }

    #[test]
    fn all_digits_are_lower_case_hexadecimal() {
        for bits in [0, u32::MAX, 0x0123_4567, 0x89AB_CDEF, 0xF0F0_A5A5, 0x9090_0909] {
            assert_eq!(str::from_utf8(&hexadecimal(bits)), Ok(&*format!("{bits:08x}")));
        }
    }

    #[test]
    fn other_text_is_no_uuid() {
        for text in [
            "",
            "0198c0de",
            "0198C0DE-0000-7000-8000-000000000000",
            "0198c0de-0000-4000-8000-000000000000",
            "0198c0de-0000-7000-c000-000000000000",
            "0198c0de00000-7000-8000-000000000000",
            "0198c0de-0000-7000-8000-00000000000-",
        ] {
            assert_eq!(unix_ms_of(text), None, "{text}");
        }
    }
}
