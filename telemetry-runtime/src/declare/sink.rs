//! Where field values go: a few bytes on the caller's stack.
//!
//! The encoding is positional and private to one process: values in the order of the record's fields, no names, no
//! tags. Names come from the record when the worker renders the event, so what is sent cannot drift from what is listed.

use crate::base::process::Inside;

/// How many bytes of one event stay on the stack and in its queue slot; the largest event of the examples needs 34.
/// More than that goes to the heap.
pub(crate) const INLINE_BYTES: usize = 104;

/// The length of a sink whose bytes are on the heap.
const SPILLED: usize = usize::MAX;

/// Takes the values of one event.
///
/// There is no method for text without a [`TextPermit`], and none for bytes, floats or `Debug` output.
#[derive(Debug)]
pub struct Sink {
    inline: [u8; INLINE_BYTES],
    len: usize,
    spill: Spill,
}

/// Bytes on the heap. The host's allocator may record when they come and when they go, and that must not end here again.
#[derive(Debug)]
struct Spill(Vec<u8>);

impl Drop for Spill {
    #[inline]
    fn drop(&mut self) {
        if self.0.capacity() > 0 {
            release(&mut self.0);
        }
    }
}

#[cold]
fn release(bytes: &mut Vec<u8>) {
    let _inside = Inside::enter();
    drop(std::mem::take(bytes));
}

impl Sink {
    #[doc(hidden)]
    #[inline]
    pub fn new() -> Self {
        Self { inline: [0; INLINE_BYTES], len: 0, spill: Spill(Vec::new()) }
    }

    /// Writes a boolean.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.put([u8::from(value)]);
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

    /// Writes a whole number that may exceed `i64::MAX`.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        self.put(value.to_le_bytes());
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

    /// How many bytes were written.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        if self.len == SPILLED { self.spill.0.len() } else { self.len }
    }

    /// All bytes written so far.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.inline.get(..self.len).unwrap_or(&self.spill.0)
    }

    /// The bytes as little-endian words, the last one padded with zeros; `None` where the event spilled to the heap.
    #[inline]
    pub(crate) fn words(&self) -> Option<impl Iterator<Item = u64>> {
        let words = self.inline.as_chunks::<8>().0.iter().take(self.len.div_ceil(8));
        (self.len <= INLINE_BYTES).then(|| words.map(|word| u64::from_le_bytes(*word)))
    }

    /// Folds all bytes and their number into a hash.
    #[inline]
    pub(crate) fn fold(&self, seed: u64, mix: impl Fn(u64, u64) -> u64) -> u64 {
        // Bytes behind the end are zero, so the number of bytes tells `[0]` from `[0, 0]`.
        let seed = seed ^ self.len as u64;
        let words = self.inline.as_chunks::<8>().0;
        // Most events are a few booleans and variants: two words without a loop.
        if let (true, [first, second, ..]) = (self.len <= 16, words) {
            return mix(mix(seed, u64::from_le_bytes(*first)), u64::from_le_bytes(*second));
        }
        match words.get(..self.len.div_ceil(8)) {
            Some(words) => words.iter().fold(seed, |hash, word| mix(hash, u64::from_le_bytes(*word))),
            None => self.spill.0.iter().fold(seed, |hash, byte| mix(hash, u64::from(*byte))),
        }
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        // One comparison per value: a spilled sink has a length at which nothing fits.
        match self.inline.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => {
                *room = bytes;
                self.len += N;
            }
            None => self.put_spilled(&bytes),
        }
    }

    fn put_slice(&mut self, bytes: &[u8]) {
        match self.inline.get_mut(self.len..self.len.saturating_add(bytes.len())) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.put_spilled(bytes),
        }
    }

    #[cold]
    fn put_spilled(&mut self, bytes: &[u8]) {
        let _inside = Inside::enter();
        if self.len != SPILLED {
            self.spill.0.extend_from_slice(self.inline.get(..self.len).unwrap_or_default());
            self.len = SPILLED;
        }
        self.spill.0.extend_from_slice(bytes);
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

    #[test]
    fn short_events_do_not_touch_the_heap() {
        let mut sink = Sink::new();
        for number in 0..13 {
            sink.integer(number);
        }
        assert_eq!(sink.bytes().len(), INLINE_BYTES);
        assert_eq!(sink.spill.0.capacity(), 0);
    }

    #[test]
    fn long_events_keep_every_byte() {
        let mut sink = Sink::new();
        sink.bool(true);
        for number in 0..40 {
            sink.integer(number);
        }
        sink.variant(7);
        let bytes = sink.bytes();
        assert_eq!(bytes.len(), 1 + 40 * 8 + 2);
        assert_eq!((bytes[0], bytes[1], bytes[1 + 39 * 8]), (1, 0, 39));
    }

    #[test]
    fn text_is_cut_at_a_character() {
        let mut sink = Sink::new();
        sink.text("aéé", 4, TextPermit::of_ready_made());
        assert_eq!(sink.bytes(), [&[3, 0], "aé".as_bytes()].concat());
    }
}
