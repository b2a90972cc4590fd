//! Where the bytes of an event stand in a page: on the heap. The same names as in `room.rs`. A place that records an event then holds one
//! address and calls; a page counts every byte, and each place has its own.

use std::marker::PhantomData;

use crate::{
    base::process::Inside,
    declare::{sdk::meta::EventMeta, sink::Sink},
};

/// The gate and sampling have said yes to an event: its values may come.
#[derive(Debug)]
pub struct Admitted(Box<Bytes>);

impl Admitted {
    pub(crate) fn new(meta: &'static EventMeta, thread: u32) -> Self {
        let _inside = Inside::enter();
        Self(Box::new(Bytes { meta, words: Vec::new(), len: 0, thread }))
    }
}

/// The bytes of one event.
#[derive(Debug)]
pub(super) struct Room<'a> {
    bytes: Box<Bytes>,
    stack: PhantomData<&'a mut [[u8; 8]]>,
}

#[derive(Debug)]
struct Bytes {
    meta: &'static EventMeta,
    words: Vec<[u8; 8]>,
    len: usize,
    /// 0 where the mode is to be asked again.
    thread: u32,
}

/// Hands `take` a sink, which needs no room of its caller's.
#[inline]
#[expect(clippy::extra_unused_type_parameters, reason = "elsewhere the room depends on it")]
pub(crate) fn with_room_for<E>(admitted: Admitted, take: impl FnOnce(Sink<'_>)) {
    take(Sink::over(admitted, &mut []));
}

impl<'a> Room<'a> {
    #[inline(always)]
    pub(super) fn over(admitted: Admitted, _stack: &'a mut [[u8; 8]]) -> Self {
        Self { bytes: admitted.0, stack: PhantomData }
    }
}

impl Room<'_> {
    pub(super) fn meta(&self) -> &'static EventMeta {
        self.bytes.meta
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len
    }

    pub(super) fn thread(&self) -> u32 {
        self.bytes.thread
    }

    pub(super) fn words(&self) -> &[[u8; 8]] {
        &self.bytes.words
    }

    #[inline(always)]
    pub(super) fn release(self) {
        release(self.bytes);
    }

    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let mut word = [0; 8];
        if let Some(place) = word.first_chunk_mut() {
            *place = bytes;
        }
        put(&mut self.bytes, word, N);
    }

    pub(super) fn put_slice(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.put([*byte]));
    }
}

#[inline(never)]
fn put(to: &mut Bytes, word: [u8; 8], bytes: usize) {
    let _inside = Inside::enter();
    for byte in word.into_iter().take(bytes) {
        if to.len.is_multiple_of(8) {
            to.words.push([0; 8]);
        }
        if let Some(place) = to.words.last_mut().and_then(|word| word.get_mut(to.len % 8)) {
            *place = byte;
        }
        to.len += 1;
    }
}

/// The host's allocator may record when bytes come and when they go, and that must not end here again.
#[inline(never)]
fn release(bytes: Box<Bytes>) {
    let _inside = Inside::enter();
    drop(bytes);
}
