//! The queue in memory, for all SDKs: bounded, lock-free, without allocation and without a system call.
//!
//! It is a pool of blocks, [`QUEUE_BYTES`] in all, and a few *shards*. A shard is a row of blocks which some threads fill and
//! the worker empties. Every thread keeps its shard for life: so its events come out in the order in which it recorded them,
//! and threads of different shards write to no word in common. There is no order between shards.
//!
//! - **Push.** One compare-and-swap on the shard's tail reserves as many words as the event needs. The thread then writes
//!   them, the header last: the worker takes a record whose header is not zero, and waits for one whose header is. What does
//!   not fit the block goes to the beginning of a free one; a word at the end of the old block says which. Without a free
//!   block the event is refused. Nobody ever waits.
//! - **Drain.** Only one thread at a time, whoever has the worker's turn. It writes zeros over what it has taken, so that a
//!   block is clean when it becomes free. The lowest free block is taken first: memory is touched only as far as the queue was
//!   ever full.
//! - **Rest.** When no events come, the worker takes the block of every empty shard from it and gives the memory of all free
//!   blocks back to the system. The pool is a static of zeros, so a program that records nothing never touches it.
//!
//! Positions count the words of one shard and never go back. "Before" and "after" for other rooms is one position for each
//! shard: [`Positions`].
//!
//! The blocks are arrays of atomic words, so all of it is safe Rust and costs no more than plain stores.

use std::array;

// `tests/loom` compiles this file against a model of memory in which every order of the threads is tried.
#[cfg(loom)]
use crate::model::{AtomicU64, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    base::{
        interned::{Positions, shard_of},
        limits::{QUEUE_BLOCK_BYTES, QUEUE_BYTES, QUEUE_SHARDS},
    },
    declare::sink::Payload,
    record::queued::{Pushed, Queued},
};

const BLOCK_WORDS: usize = QUEUE_BLOCK_BYTES / 8;
const BLOCKS: usize = QUEUE_BYTES / QUEUE_BLOCK_BYTES;
/// Words of a record before its payload: the header; mark and configuration.
const HEAD_WORDS: usize = 2;

/// Marks have 40 bits, and leave [`interned::NUMBER_BITS`](crate::base::interned::NUMBER_BITS) for the number.
const MARK_BITS: u32 = 40;
const MARK: u64 = (1 << MARK_BITS) - 1;

/// A header: `length of the payload in bytes << 48 | flags | slot`. It is never zero.
const RECORD: u64 = 1 << 32;
const PENDING: u64 = 1 << 33;
/// In place of a record: the shard goes on at the beginning of another block, whose number stands in place of the slot.
const GOES_ON: u64 = 1 << 34;

/// A place in a shard: `number of the block << 48 | position`. Number 0 is no block; the word of a position is its remainder
/// by the words of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor(u64);

const POSITION_BITS: u32 = 48;
const POSITION: u64 = (1 << POSITION_BITS) - 1;

impl Cursor {
    fn new(block: u64, position: u64) -> Self {
        Self(block << POSITION_BITS | position & POSITION)
    }

    fn block(self) -> u64 {
        self.0 >> POSITION_BITS
    }

    fn position(self) -> u64 {
        self.0 & POSITION
    }

    fn word(self) -> usize {
        self.0 as usize % BLOCK_WORDS
    }

    /// The first position of the next block; where there is no block, the place itself stands at one.
    fn next_block(self) -> u64 {
        self.position().next_multiple_of(BLOCK_WORDS as u64)
    }
}

struct Block([AtomicU64; BLOCK_WORDS]);

/// Alone in two cache lines, which processors fetch together.
#[repr(align(128))]
struct Shard {
    /// The [`Cursor`] of the next record; threads that record change it.
    tail: AtomicU64,
    /// The number of the first block of a shard that had none, until the worker has seen it.
    first: AtomicU64,
}

/// Where the worker is in each shard. Apart from what callers write.
#[repr(align(128))]
struct Heads([AtomicU64; QUEUE_SHARDS]);

/// Which blocks are taken, a bit for each.
#[repr(align(128))]
struct Taken([AtomicU64; BLOCKS.div_ceil(64)]);

/// In this order in memory: a block is found by its number alone, without the address of the first one to add.
#[repr(C)]
pub(crate) struct Queue {
    blocks: [Block; BLOCKS],
    shards: [Shard; QUEUE_SHARDS],
    heads: Heads,
    taken: Taken,
    /// Blocks that were used since their memory was last given back. The worker's alone.
    used: Taken,
}

impl Taken {
    /// Takes the lowest free block.
    fn take(&self) -> Option<u64> {
        for (group, taken) in (0..).zip(&self.0) {
            let mut seen = taken.load(Ordering::Relaxed);
            loop {
                let bit = u64::from(seen.trailing_ones());
                let number = group * 64 + bit;
                if bit == 64 || number >= BLOCKS as u64 {
                    break;
                }
                // `Acquire` pairs with `give`: whoever fills the block sees the zeros of whoever emptied it.
                match taken.compare_exchange_weak(seen, seen | 1 << bit, Ordering::Acquire, Ordering::Relaxed) {
                    Ok(_) => return Some(number + 1),
                    Err(now) => seen = now,
                }
            }
        }
        None
    }

    /// Whether the block is free, and now taken.
    fn take_this(&self, block: u64) -> bool {
        let Some((taken, bit)) = self.bit(block) else { return false };
        taken.fetch_or(bit, Ordering::Acquire) & bit == 0
    }

    fn give(&self, block: u64) {
        if let Some((taken, bit)) = self.bit(block) {
            taken.fetch_and(!bit, Ordering::Release);
        }
    }

    fn is_taken(&self, block: u64) -> bool {
        self.bit(block).is_some_and(|(taken, bit)| taken.load(Ordering::Relaxed) & bit != 0)
    }

    fn bit(&self, block: u64) -> Option<(&AtomicU64, u64)> {
        let number = block.checked_sub(1)?;
        Some((self.0.get(number as usize / 64)?, 1 << (number % 64)))
    }

    fn count(&self) -> u32 {
        self.0.iter().map(|taken| taken.load(Ordering::Relaxed).count_ones()).sum()
    }
}

impl Queue {
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        let zero = |_| AtomicU64::new(0);
        Self {
            blocks: array::from_fn(|_| Block(array::from_fn(zero))),
            shards: array::from_fn(|_| Shard { tail: zero(0), first: zero(0) }),
            heads: Heads(array::from_fn(zero)),
            taken: Taken(array::from_fn(zero)),
            used: Taken(array::from_fn(zero)),
        }
    }

    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            blocks: [const { Block([const { AtomicU64::new(0) }; BLOCK_WORDS]) }; BLOCKS],
            shards: [const { Shard { tail: AtomicU64::new(0), first: AtomicU64::new(0) } }; QUEUE_SHARDS],
            heads: Heads([const { AtomicU64::new(0) }; QUEUE_SHARDS]),
            taken: Taken([const { AtomicU64::new(0) }; BLOCKS.div_ceil(64)]),
            used: Taken([const { AtomicU64::new(0) }; BLOCKS.div_ceil(64)]),
        }
    }

    /// Puts an event into the shard of the calling thread.
    #[inline]
    pub(crate) fn push(
        &self,
        shard: usize,
        slot: u32,
        mark: u64,
        configuration: u32,
        pending: bool,
        payload: Payload<'_>,
    ) -> Pushed {
        let flags = if pending { RECORD | PENDING } else { RECORD };
        let header = (payload.len() as u64) << 48 | flags | u64::from(slot);
        let mark = u64::from(configuration) << MARK_BITS | mark;
        let words = payload.words();
        let Some(shard) = self.shards.get(shard_of(shard)) else { return Pushed::Full };
        let len = HEAD_WORDS + words.len();
        // `Acquire`: whoever made the block the shard's had taken it from whoever emptied it.
        let mut tail = shard.tail.load(Ordering::Acquire);
        loop {
            let Some(room) = self.room(Cursor(tail), len) else {
                return self.push_into_next_block(shard, header, mark, words);
            };
            // `SeqCst` pairs with the worker's announcement that it sleeps.
            match shard.tail.compare_exchange_weak(tail, tail + len as u64, Ordering::SeqCst, Ordering::Acquire) {
                Ok(_) => {
                    write(room, header, mark, words);
                    return Pushed::Yes;
                }
                Err(moved) => tail = moved,
            }
        }
    }

    /// So many words at a cursor, if the block has them and one more, for where it goes on.
    #[inline]
    fn room(&self, cursor: Cursor, len: usize) -> Option<&[AtomicU64]> {
        let block = self.blocks.get((cursor.block() as usize).wrapping_sub(1))?;
        let (room, _for_the_end) = block.0.get(cursor.word()..)?.split_at_checked(len + 1)?.0.split_at_checked(len)?;
        Some(room)
    }

    #[cold]
    #[inline(never)]
    fn push_into_next_block(&self, shard: &Shard, header: u64, mark: u64, words: &[[u8; 8]]) -> Pushed {
        let len = HEAD_WORDS + words.len();
        if len >= BLOCK_WORDS {
            return Pushed::TooLong;
        }
        let mut free = None;
        let mut tail = shard.tail.load(Ordering::Acquire);
        let result = loop {
            let cursor = Cursor(tail);
            // Another thread may have come to the next block first.
            let (room, next, moved) = match self.room(cursor, len) {
                Some(room) => (room, None, tail + len as u64),
                None => {
                    free = free.or_else(|| self.taken.take());
                    let Some(next) = free else { return Pushed::Full };
                    let begin = Cursor::new(next, cursor.next_block());
                    let Some(room) = self.room(begin, len) else { break Pushed::TooLong };
                    (room, Some(next), begin.0 + len as u64)
                }
            };
            match shard.tail.compare_exchange_weak(tail, moved, Ordering::SeqCst, Ordering::Acquire) {
                Ok(_) => {
                    write(room, header, mark, words);
                    if let Some(next) = next {
                        free = None;
                        self.go_on(shard, cursor, next);
                    }
                    break if self.taken.count() as usize >= BLOCKS / 4 { Pushed::Filling } else { Pushed::Yes };
                }
                Err(now) => tail = now,
            }
        };
        if let Some(unused) = free {
            self.taken.give(unused);
        }
        result
    }

    /// Leaves word at the end of a block, or in the shard where there was none, of where it goes on.
    fn go_on(&self, shard: &Shard, end: Cursor, next: u64) {
        match self.word(end) {
            Some(word) => word.store(GOES_ON | next, Ordering::Release),
            None => shard.first.store(next, Ordering::Release),
        }
    }

    fn word(&self, cursor: Cursor) -> Option<&AtomicU64> {
        self.blocks.get((cursor.block() as usize).wrapping_sub(1))?.0.get(cursor.word())
    }

    /// Hands out what is in the queue at this moment, at most up to the positions of `end`; each shard in its order. Says
    /// whether there was anything.
    ///
    /// An event that `take` answers with `false` stays, and ends the drain. Only one thread at a time may call it.
    pub(crate) fn drain(&self, end: Option<&Positions>, mut take: impl FnMut(&Queued<'_>) -> bool) -> bool {
        let now = self.end();
        let ends = now.iter().enumerate().map(|(shard, now)| match end.and_then(|end| end.get(shard)) {
            Some(end) => *end.min(now),
            None => *now,
        });
        let mut payload = Vec::new();
        let mut any = false;
        for (shard, end) in ends.enumerate() {
            while let Some((cursor, header)) = self.next(shard).filter(|(cursor, _)| cursor.position() < end) {
                let Some(taking) = self.read(shard, cursor, header, &mut payload) else { break };
                if !take(&taking.queued(&payload)) {
                    taking.leave();
                    return any;
                }
                any = true;
            }
        }
        any
    }

    /// Where the next record of a shard is, and its header.
    fn next(&self, shard: usize) -> Option<(Cursor, u64)> {
        let head = self.heads.0.get(shard)?;
        loop {
            let cursor = Cursor(head.load(Ordering::Relaxed));
            let Some(word) = self.word(cursor) else {
                let first = &self.shards.get(shard)?.first;
                let next = first.load(Ordering::Acquire);
                if next == 0 {
                    return None;
                }
                first.store(0, Ordering::Relaxed);
                head.store(Cursor::new(next, cursor.position()).0, Ordering::Release);
                continue;
            };
            // Read once: where there is nothing now, a record may stand in a moment, or where the shard goes on.
            let header = word.load(Ordering::Acquire);
            if header & GOES_ON == 0 {
                return (header != 0).then_some((cursor, header));
            }
            word.store(0, Ordering::Relaxed);
            head.store(Cursor::new(u64::from(header as u32), cursor.next_block()).0, Ordering::Release);
            self.free(cursor.block());
        }
    }

    /// A clean block that nobody uses any more.
    fn free(&self, block: u64) {
        self.used.take_this(block);
        self.taken.give(block);
    }

    /// The record with this header.
    fn read(&self, shard: usize, cursor: Cursor, header: u64, payload: &mut Vec<u8>) -> Option<Taking<'_>> {
        let len = (header >> 48) as usize;
        let block = self.blocks.get((cursor.block() as usize).wrapping_sub(1))?;
        let words = block.0.get(cursor.word()..)?.get(..HEAD_WORDS + len.div_ceil(8))?;
        let mark = words.get(1)?.load(Ordering::Relaxed);
        payload.clear();
        for word in words.iter().skip(HEAD_WORDS) {
            payload.extend_from_slice(&word.load(Ordering::Relaxed).to_le_bytes());
        }
        payload.truncate(len);
        Some(Taking { head: self.heads.0.get(shard)?, words, shard, cursor, header, mark })
    }

    /// Takes their blocks from the shards that are empty, and calls `give_back` with the words of each free block that was
    /// used; they are zeros, and nobody else uses them meanwhile. Only one thread at a time may call it or drain.
    pub(crate) fn rest<'a>(&'a self, give_back: impl Fn(&'a [AtomicU64])) {
        for (shard, head) in self.shards.iter().zip(&self.heads.0) {
            let cursor = Cursor(head.load(Ordering::Relaxed));
            let without = Cursor::new(0, cursor.next_block()).0;
            // It fails where something was pushed that was not drained.
            if cursor.block() != 0
                && shard.tail.compare_exchange(cursor.0, without, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            {
                head.store(without, Ordering::Release);
                self.free(cursor.block());
            }
        }
        for (number, block) in (1..).zip(&self.blocks) {
            if self.used.is_taken(number) && self.taken.take_this(number) {
                give_back(&block.0);
                self.used.give(number);
                self.taken.give(number);
            }
        }
    }

    /// In a forked child: empties the queue without reading it, also of events that another thread had begun to write.
    /// No other thread may use it meanwhile. Positions go on from where they were.
    pub(crate) fn abandon(&self) {
        for (shard, head) in self.shards.iter().zip(&self.heads.0) {
            let tail = Cursor(shard.tail.load(Ordering::SeqCst));
            let without = Cursor::new(0, tail.next_block()).0;
            shard.tail.store(without, Ordering::SeqCst);
            shard.first.store(0, Ordering::SeqCst);
            head.store(without, Ordering::SeqCst);
        }
        for (number, block) in (1..).zip(&self.blocks) {
            if self.taken.is_taken(number) {
                // A store would give the child a page of its own.
                block.0.iter().filter(|word| word.load(Ordering::SeqCst) != 0).for_each(clear);
                self.free(number);
            }
        }
    }

    /// The positions that the next events get.
    pub(crate) fn end(&self) -> Positions {
        array::from_fn(|shard| position(self.shards.get(shard).map(|shard| &shard.tail)))
    }

    /// As [`Queue::end`] for one shard, and before everything for the others.
    pub(crate) fn end_of(&self, shard: usize) -> Positions {
        let end = self.end();
        array::from_fn(|other| end.get(other).filter(|_| other == shard_of(shard)).copied().unwrap_or_default())
    }

    /// Everything before these positions was taken.
    pub(crate) fn done(&self) -> Positions {
        array::from_fn(|shard| position(self.heads.0.get(shard)))
    }

    /// Whether nothing was pushed that was not taken. `SeqCst` pairs with the worker's announcement that it sleeps.
    pub(crate) fn is_empty(&self) -> bool {
        self.done() == self.end()
    }
}

fn position(cursor: Option<&AtomicU64>) -> u64 {
    cursor.map_or(0, |cursor| Cursor(cursor.load(Ordering::SeqCst)).position())
}

#[inline]
fn write(room: &[AtomicU64], header: u64, mark: u64, words: &[[u8; 8]]) {
    let [first, second, rest @ ..] = room else { return };
    second.store(mark, Ordering::Relaxed);
    // Most payloads have one word, and need no loop.
    if let ([to, rest @ ..], [word, words @ ..]) = (rest, words) {
        to.store(u64::from_le_bytes(*word), Ordering::Relaxed);
        if !words.is_empty() {
            for (to, word) in rest.iter().zip(words) {
                to.store(u64::from_le_bytes(*word), Ordering::Relaxed);
            }
        }
    }
    first.store(header, Ordering::Release);
}

fn clear(word: &AtomicU64) {
    word.store(0, Ordering::Relaxed);
}

/// A record that is being taken: it is gone when this goes, also where whoever takes it panics.
struct Taking<'a> {
    head: &'a AtomicU64,
    words: &'a [AtomicU64],
    shard: usize,
    cursor: Cursor,
    header: u64,
    mark: u64,
}

impl Taking<'_> {
    fn queued<'a>(&self, payload: &'a [u8]) -> Queued<'a> {
        Queued {
            shard: self.shard,
            position: self.cursor.position(),
            slot: self.header as u32,
            mark: self.mark & MARK,
            configuration: (self.mark >> MARK_BITS) as u32,
            pending: self.header & PENDING != 0,
            payload,
        }
    }

    /// Leaves the record where it is.
    fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        self.words.iter().for_each(clear);
        self.head.store(self.cursor.0 + self.words.len() as u64, Ordering::SeqCst);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
