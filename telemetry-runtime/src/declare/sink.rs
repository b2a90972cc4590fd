//! Where field values go: a few bytes on the caller's stack.
//!
//! The encoding is positional and private to one process: values in the order of the record's fields, no names, no
//! tags. A number takes the bytes that its range needs. Names come from the record when the worker renders the event, so
//! what is sent cannot drift from what is listed.

#[cfg_attr(in_page, path = "sink/room_page.rs")]
mod room;

use self::room::Room;
pub(crate) use self::room::{Admitted, with_room_for};
#[cfg(in_page)]
use crate::declare::sdk::meta::EventMeta;

/// Takes the values of one event.
///
/// There is no method for text without a [`TextPermit`], and none for bytes, floats or `Debug` output.
#[derive(Debug)]
pub struct Sink<'a> {
    room: Room<'a>,
}

/// How many bytes a number takes of which the difference between the largest and the smallest is `span`.
#[inline]
pub(crate) const fn width(span: u64) -> usize {
    match span {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

/// How many bytes an unbounded number takes, by the name of its type in the record.
pub(crate) fn unbounded_width(rust_type: &str) -> usize {
    match rust_type {
        "u8" | "i8" => 1,
        "u16" | "i16" => 2,
        "u32" | "i32" => 4,
        _ => 8,
    }
}

impl<'a> Sink<'a> {
    /// For generated code: writes into zeros, and to the heap where they are too few.
    #[doc(hidden)]
    #[inline]
    pub fn over(admitted: Admitted, room: &'a mut [[u8; 8]]) -> Self {
        Self { room: Room::over(admitted, room) }
    }
}

impl Sink<'_> {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self::over(Admitted::FOR_TESTS, &mut [])
    }

    /// Writes a boolean.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.room.put([u8::from(value)]);
    }

    /// Writes whether a flag was passed: an optional boolean, which is true where it is there.
    pub fn passed(&mut self, passed: bool) {
        self.bool(passed);
        if passed {
            self.bool(true);
        }
    }

    /// Writes which of the type's variants, by its index in the record.
    #[inline]
    pub fn variant(&mut self, index: u16) {
        self.room.put(index.to_le_bytes());
    }

    /// Writes a whole number.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        self.room.put(value.to_le_bytes());
    }

    /// Writes a number of a range, as its distance from the smallest one.
    #[inline]
    pub(crate) fn ranged(&mut self, value: i64, min: i64, max: i64) {
        let distance = value.wrapping_sub(min) as u64;
        // The ends are constants wherever this is inlined, and so is the width.
        match width(max.wrapping_sub(min) as u64) {
            1 => self.room.put([distance as u8]),
            2 => self.room.put((distance as u16).to_le_bytes()),
            4 => self.room.put((distance as u32).to_le_bytes()),
            _ => self.room.put(distance.to_le_bytes()),
        }
    }

    /// Writes all bytes of a number.
    #[inline]
    pub(crate) fn number<const N: usize>(&mut self, bytes: [u8; N]) {
        self.room.put(bytes);
    }

    /// Writes how many elements of a list follow.
    #[inline]
    pub fn count(&mut self, count: u16) {
        self.room.put(count.to_le_bytes());
    }

    /// Writes at most `max_len` bytes of text, cut at a character.
    pub fn text(&mut self, text: &str, max_len: usize, _permit: TextPermit) {
        let mut end = text.len().min(max_len).min(usize::from(u16::MAX));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        self.count(u16::try_from(bytes.len()).unwrap_or_default());
        self.room.put_slice(bytes);
    }

    /// Writes the digest of a pseudonym's input.
    pub(crate) fn digest(&mut self, digest: &[u8; 32]) {
        self.room.put_slice(digest);
    }

    /// Writes what another sink has taken of the same record.
    pub(crate) fn written(&mut self, bytes: &[u8]) {
        self.room.put_slice(bytes);
    }

    /// The event whose values these are.
    #[cfg(in_page)]
    pub(crate) fn meta(&self) -> &'static EventMeta {
        self.room.meta()
    }

    /// Gives back what is on the heap.
    #[inline]
    pub(crate) fn release(self) {
        self.room.release();
    }

    /// The number of the thread that was admitted; 0 where the mode is to be asked again.
    #[inline]
    pub(crate) fn thread(&self) -> u32 {
        self.room.thread()
    }

    /// All that was written.
    #[inline]
    pub(crate) fn payload(&self) -> Payload<'_> {
        Payload { words: self.room.words(), len: self.room.len() }
    }
}

/// The encoded values of one event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payload<'a> {
    words: &'a [[u8; 8]],
    len: usize,
}

impl<'a> Payload<'a> {
    /// So many bytes of these words.
    #[inline]
    pub(crate) fn new(words: &'a [[u8; 8]], len: usize) -> Self {
        Self { words, len }
    }

    /// How many bytes there are.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// All bytes.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.words.as_flattened().get(..self.len).unwrap_or_default()
    }

    /// The bytes as little-endian words, the last one padded with zeros.
    #[inline]
    pub(crate) fn words(self) -> &'a [[u8; 8]] {
        self.words
    }

    /// Folds all bytes and their number into a hash.
    #[inline]
    pub(crate) fn fold(self, seed: u64, mix: impl Fn(u64, u64) -> u64) -> u64 {
        // Bytes behind the end are zero, so the number of bytes tells `[0]` from `[0, 0]`.
        let seed = seed ^ self.len as u64;
        let [first, rest @ ..] = self.words else { return seed };
        let first = mix(seed, u64::from_le_bytes(*first));
        // Most events are a few booleans and variants: one word without a loop.
        if rest.is_empty() { first } else { rest.iter().fold(first, |hash, word| mix(hash, u64::from_le_bytes(*word))) }
    }
}

/// The right to write text, which only the expansion of `#[telemetry(free_text, …)]` and ready-made types make.
#[derive(Debug, Clone, Copy)]
pub struct TextPermit(());

impl TextPermit {
    /// For the expansion of `#[telemetry(free_text, …)]`, whose reason every audit shows.
    #[doc(hidden)]
    pub const fn of_free_text() -> Self {
        Self(())
    }

    /// For types of this crate that have checked the text.
    pub(crate) const fn of_ready_made() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_numbers(sink: &mut Sink<'_>, numbers: i64) {
        (0..numbers).for_each(|number| sink.integer(number));
    }

    #[test]
    fn long_events_keep_every_byte() {
        for count in [0, 1, 7, 8, 9, 10, 100] {
            let expected: Vec<u8> = (0..count).flat_map(i64::to_le_bytes).collect();
            for room in [0, 1, 8] {
                let mut room = vec![[0; 8]; room];
                let mut sink = Sink::over(Admitted::FOR_TESTS, &mut room);
                put_numbers(&mut sink, count);
                assert_eq!(sink.payload().bytes(), expected, "{count}");
            }
            let mut room = [[0; 8]; 8];
            let mut odd = Sink::over(Admitted::FOR_TESTS, &mut room);
            odd.bool(true);
            put_numbers(&mut odd, count);
            odd.variant(u16::MAX);
            assert_eq!(odd.payload().bytes(), [&[1], expected.as_slice(), &[255, 255]].concat(), "{count}");
            assert_eq!(
                odd.payload().words().as_flattened()[odd.payload().len()..].iter().max().unwrap_or(&0),
                &0,
                "padded with zeros"
            );
        }
    }

    #[test]
    fn a_hash_depends_on_the_bytes_and_not_on_the_room() {
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        let hash = |room: usize, numbers: i64| {
            let mut room = vec![[0; 8]; room];
            let mut sink = Sink::over(Admitted::FOR_TESTS, &mut room);
            put_numbers(&mut sink, numbers);
            sink.payload().fold(7, mix)
        };
        for count in 0..80 {
            assert_eq!(hash(8, count), hash(72, count), "{count}");
            assert_ne!(hash(8, count), hash(8, count + 1));
        }
    }

    #[test]
    fn a_number_takes_the_bytes_that_its_range_needs() {
        let mut sink = Sink::new();
        for (value, min, max, bytes) in [
            (7, 7, 7, 1),
            (255, 0, 255, 1),
            (256, 0, 256, 2),
            (-3, -3, 65_532, 2),
            (65_536, 0, 65_536, 4),
            (1 << 32, 0, 1 << 32, 8),
            (i64::MIN, i64::MIN, i64::MAX, 8),
        ] {
            let before = sink.payload().len();
            sink.ranged(value, min, max);
            assert_eq!(sink.payload().len() - before, bytes, "{value} of {min}..={max}");
        }
        assert_eq!(sink.payload().bytes()[..6], [0, 255, 0, 1, 0, 0]);
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut sink = Sink::new();
        sink.text("aéé", 4, TextPermit::of_ready_made());
        assert_eq!(sink.payload().bytes(), [&[3, 0], "aé".as_bytes()].concat());
    }
}
