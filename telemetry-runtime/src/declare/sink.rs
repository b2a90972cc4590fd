//! Where field values go: a few bytes on the caller's stack.
//!
//! The encoding is positional and private to one process: values in the order of the record's fields, no names, no
//! tags. A number takes the bytes that its range needs. Names come from the record when the worker renders the event, so
//! what is sent cannot drift from what is listed.

use std::mem::ManuallyDrop;

use crate::base::process::Inside;

/// Takes the values of one event.
///
/// There is no method for text without a [`TextPermit`], and none for bytes, floats or `Debug` output.
#[derive(Debug)]
pub struct Sink<'a> {
    /// Zeros on the caller's stack, of which `len` bytes are written over.
    room: &'a mut [[u8; 8]],
    len: usize,
    /// All bytes, once they are more than there is room for. [`Sink::release`] drops them: a destructor would cost every event.
    heap: ManuallyDrop<Vec<[u8; 8]>>,
}

/// A byte in memory may become three in a sink: the index of a variant takes two, and an `Option` one more. So much of an event
/// in memory has room in 16 bytes, in 64, in 192.
const TINY: usize = 16 / 3;
const SMALL: usize = 64 / 3;
const MEDIUM: usize = 192 / 3;

/// Hands `take` a sink with room for an event of type `E`, so that no event pays for the room of a larger one. An event of 64
/// optional numbers of 64 bits has room for all of them. Chosen before any code is made of it: each event of a program has its own.
#[inline]
pub(crate) fn with_room_for<E>(take: impl FnOnce(Sink<'_>)) {
    if const { size_of::<E>() <= TINY } {
        take(Sink::over(&mut const { [[0; 8]; 2] }));
    } else if const { size_of::<E>() <= SMALL } {
        take(Sink::over(&mut const { [[0; 8]; 8] }));
    } else if const { size_of::<E>() <= MEDIUM } {
        take(Sink::over(&mut const { [[0; 8]; 24] }));
    } else {
        take(Sink::over(&mut const { [[0; 8]; WIDE_WORDS] }));
    }
}

/// 64 times a byte and eight.
const WIDE_WORDS: usize = 72;

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
    pub fn over(room: &'a mut [[u8; 8]]) -> Self {
        Self { room, len: 0, heap: const { ManuallyDrop::new(Vec::new()) } }
    }
}

impl Sink<'_> {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self::over(&mut [])
    }

    /// Writes a boolean.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.put([u8::from(value)]);
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
        self.put(index.to_le_bytes());
    }

    /// Writes a whole number.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        self.put(value.to_le_bytes());
    }

    /// Writes a number of a range, as its distance from the smallest one.
    #[inline]
    pub(crate) fn ranged(&mut self, value: i64, min: i64, max: i64) {
        let distance = value.wrapping_sub(min) as u64;
        // The ends are constants wherever this is inlined, and so is the width.
        match width(max.wrapping_sub(min) as u64) {
            1 => self.put([distance as u8]),
            2 => self.put((distance as u16).to_le_bytes()),
            4 => self.put((distance as u32).to_le_bytes()),
            _ => self.put(distance.to_le_bytes()),
        }
    }

    /// Writes all bytes of a number.
    #[inline]
    pub(crate) fn number<const N: usize>(&mut self, bytes: [u8; N]) {
        self.put(bytes);
    }

    /// Writes how many elements of a list follow.
    #[inline]
    pub fn count(&mut self, count: u16) {
        self.put(count.to_le_bytes());
    }

    /// Writes at most `max_len` bytes of text, cut at a character.
    pub fn text(&mut self, text: &str, max_len: usize, _permit: TextPermit) {
        let mut end = text.len().min(max_len).min(usize::from(u16::MAX));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        self.count(u16::try_from(bytes.len()).unwrap_or_default());
        self.put_slice(bytes);
    }

    /// Writes the digest of a pseudonym's input.
    pub(crate) fn digest(&mut self, digest: &[u8; 32]) {
        self.put_slice(digest);
    }

    /// Writes what another sink has taken of the same record.
    pub(crate) fn written(&mut self, bytes: &[u8]) {
        self.put_slice(bytes);
    }

    /// Gives back what is on the heap.
    #[inline]
    pub(crate) fn release(self) {
        if self.heap.capacity() > 0 {
            release(ManuallyDrop::into_inner(self.heap));
        }
    }

    /// All that was written.
    #[inline]
    pub(crate) fn payload(&self) -> Payload<'_> {
        let count = words_of(self.len);
        let words = self.room.get(..count).or_else(|| self.heap.get(..count)).unwrap_or_default();
        Payload { words, len: self.len }
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        match self.room.as_flattened_mut().get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => {
                *room = bytes;
                self.len += N;
            }
            None => self.put_on_the_heap(&bytes),
        }
    }

    fn put_slice(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        match self.room.as_flattened_mut().get_mut(self.len..end) {
            Some(room) => {
                room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                self.len = end;
            }
            None => self.put_on_the_heap(bytes),
        }
    }

    #[cold]
    #[inline(never)]
    fn put_on_the_heap(&mut self, bytes: &[u8]) {
        let _inside = Inside::enter();
        let (begin, end) = (self.len, self.len.saturating_add(bytes.len()));
        let words = &mut self.heap;
        if begin <= self.room.as_flattened().len() {
            words.extend_from_slice(self.room.get(..words_of(begin)).unwrap_or_default());
        }
        words.resize(words_of(end), [0; 8]);
        let room = words.as_flattened_mut().get_mut(begin..end).unwrap_or_default();
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.len = end;
    }
}

/// How many words so many bytes are.
#[inline]
const fn words_of(bytes: usize) -> usize {
    // Shorter than `div_ceil`, which thinks of the largest number.
    bytes.wrapping_add(7) / 8
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

/// The host's allocator may record when bytes come and when they go, and that must not end here again.
#[cold]
fn release(bytes: Vec<[u8; 8]>) {
    let _inside = Inside::enter();
    drop(bytes);
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
    fn sixty_four_optional_numbers_do_not_touch_the_heap() {
        with_room_for::<[Option<u64>; 64]>(|mut sink| {
            for number in 0..64 {
                sink.bool(true);
                sink.integer(number);
            }
            assert_eq!((sink.payload().bytes().len(), sink.heap.capacity()), (WIDE_WORDS * 8, 0));
            sink.bool(true);
            assert!(sink.heap.capacity() > 0);
            assert_eq!(
                (sink.payload().bytes().len(), sink.payload().bytes()[64 * 9], sink.payload().bytes()[1]),
                (WIDE_WORDS * 8 + 1, 1, 0)
            );
        });
    }

    #[test]
    fn small_events_do_not_touch_the_heap() {
        with_room_for::<[bool; SMALL]>(|mut sink| {
            put_numbers(&mut sink, 8);
            assert_eq!(sink.heap.capacity(), 0);
        });
        with_room_for::<[bool; MEDIUM]>(|mut sink| {
            put_numbers(&mut sink, 24);
            assert_eq!(sink.heap.capacity(), 0);
        });
    }

    #[test]
    fn long_events_keep_every_byte() {
        for count in [0, 1, 7, 8, 9, 10, 100] {
            let expected: Vec<u8> = (0..count).flat_map(i64::to_le_bytes).collect();
            for room in [0, 1, 8] {
                let mut room = vec![[0; 8]; room];
                let mut sink = Sink::over(&mut room);
                put_numbers(&mut sink, count);
                assert_eq!(sink.payload().bytes(), expected, "{count}");
            }
            let mut room = [[0; 8]; 8];
            let mut odd = Sink::over(&mut room);
            odd.bool(true);
            put_numbers(&mut odd, count);
            odd.variant(u16::MAX);
            assert_eq!(odd.payload().bytes(), [&[1], expected.as_slice(), &[255, 255]].concat(), "{count}");
            assert_eq!(
                odd.payload().words().as_flattened()[odd.len..].iter().max().unwrap_or(&0),
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
            let mut sink = Sink::over(&mut room);
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
            let before = sink.len;
            sink.ranged(value, min, max);
            assert_eq!(sink.len - before, bytes, "{value} of {min}..={max}");
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
