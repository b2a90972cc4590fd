//! Where the bytes of an event stand: on the caller's stack, and on the heap where they are too many.

use std::mem::ManuallyDrop;

use crate::{
    base::process::Inside,
    declare::{sdk::meta::EventMeta, sink::Sink},
};

/// The gate and sampling have said yes to an event.
#[derive(Debug)]
pub struct Admitted {
    /// The number of the thread that they have said it to, where an event like this one was recorded before; else 0.
    thread: u32,
}

impl Admitted {
    #[inline]
    pub(crate) fn new(_meta: &'static EventMeta, thread: u32) -> Self {
        Self { thread }
    }

    #[cfg(test)]
    pub(super) const FOR_TESTS: Self = Self { thread: 0 };
}

/// The bytes of one event.
#[derive(Debug)]
pub(super) struct Room<'a> {
    /// Zeros on the caller's stack, of which `len` bytes are written over.
    stack: &'a mut [[u8; 8]],
    len: usize,
    /// Of [`Admitted`].
    thread: u32,
    /// All bytes, once they are more than there is room for. [`Room::release`] drops them: a destructor would cost every event.
    heap: ManuallyDrop<Vec<[u8; 8]>>,
}

/// A byte in memory may become three in a sink: the index of a variant takes two, and an `Option` one more. So much of an event
/// in memory has room in 16 bytes, in 64, in 96, in 192, in 320.
const TINY: usize = 16 / 3;
const SMALL: usize = 64 / 3;
const FAIR: usize = 96 / 3;
const MEDIUM: usize = 192 / 3;
const LARGE: usize = 320 / 3;

/// 64 times a byte and eight.
const WIDE_WORDS: usize = 72;

/// Hands `take` a sink with room for an event of type `E`, so that no event pays for the room of a larger one. An event of 64
/// optional numbers of 64 bits has room for all of them. Chosen before any code is made of it: each event of a program has its own.
#[inline]
pub(crate) fn with_room_for<E>(admitted: Admitted, take: impl FnOnce(Sink<'_>)) {
    if const { size_of::<E>() <= TINY } {
        take(Sink::over(admitted, &mut const { [[0; 8]; 2] }));
    } else if const { size_of::<E>() <= SMALL } {
        take(Sink::over(admitted, &mut const { [[0; 8]; 8] }));
    } else if const { size_of::<E>() <= FAIR } {
        take(Sink::over(admitted, &mut const { [[0; 8]; 12] }));
    } else if const { size_of::<E>() <= MEDIUM } {
        take(Sink::over(admitted, &mut const { [[0; 8]; 24] }));
    } else if const { size_of::<E>() <= LARGE } {
        take(Sink::over(admitted, &mut const { [[0; 8]; 40] }));
    } else {
        take(Sink::over(admitted, &mut const { [[0; 8]; WIDE_WORDS] }));
    }
}

impl<'a> Room<'a> {
    /// Writes into zeros.
    #[inline]
    pub(super) fn over(admitted: Admitted, stack: &'a mut [[u8; 8]]) -> Self {
        Self { stack, len: 0, thread: admitted.thread, heap: const { ManuallyDrop::new(Vec::new()) } }
    }
}

impl Room<'_> {
    /// The number of the thread that was admitted; 0 where the mode is to be asked again.
    #[inline]
    pub(super) fn thread(&self) -> u32 {
        self.thread
    }

    /// How many bytes were written.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What was written, the last word padded with zeros.
    #[inline]
    pub(super) fn words(&self) -> &[[u8; 8]] {
        let count = words_of(self.len);
        self.stack.get(..count).or_else(|| self.heap.get(..count)).unwrap_or_default()
    }

    /// Gives back what is on the heap.
    #[inline]
    pub(super) fn release(self) {
        if self.heap.capacity() > 0 {
            release(ManuallyDrop::into_inner(self.heap));
        }
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        match self.stack.as_flattened_mut().get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => {
                *room = bytes;
                self.len += N;
            }
            None => self.put_on_the_heap(&bytes),
        }
    }

    pub(super) fn put_slice(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        match self.stack.as_flattened_mut().get_mut(self.len..end) {
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
        if begin <= self.stack.as_flattened().len() {
            words.extend_from_slice(self.stack.get(..words_of(begin)).unwrap_or_default());
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

/// The host's allocator may record when bytes come and when they go, and that must not end here again.
#[cold]
fn release(bytes: Vec<[u8; 8]>) {
    let _inside = Inside::enter();
    drop(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_numbers(room: &mut Room<'_>, numbers: i64) {
        (0..numbers).for_each(|number| room.put(number.to_le_bytes()));
    }

    #[test]
    fn sixty_four_optional_numbers_do_not_touch_the_heap() {
        with_room_for::<[Option<u64>; 64]>(Admitted::FOR_TESTS, |Sink { mut room }| {
            for number in 0..64_i64 {
                room.put([1]);
                room.put(number.to_le_bytes());
            }
            assert_eq!((room.len(), room.heap.capacity()), (WIDE_WORDS * 8, 0));
            room.put([1]);
            assert!(room.heap.capacity() > 0);
            let bytes = room.words().as_flattened();
            assert_eq!((room.len(), bytes[64 * 9], bytes[1]), (WIDE_WORDS * 8 + 1, 1, 0));
        });
    }

    #[test]
    fn small_events_do_not_touch_the_heap() {
        with_room_for::<[bool; SMALL]>(Admitted::FOR_TESTS, |Sink { mut room }| {
            put_numbers(&mut room, 8);
            assert_eq!(room.heap.capacity(), 0);
        });
        with_room_for::<[bool; MEDIUM]>(Admitted::FOR_TESTS, |Sink { mut room }| {
            put_numbers(&mut room, 24);
            assert_eq!(room.heap.capacity(), 0);
        });
    }
}
