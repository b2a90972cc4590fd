//! The queue in memory: bounded, lock-free, and without allocation for events of ordinary size.
//!
//! A ring of slots after Dmitry Vyukov's bounded queue: producers claim a position with one compare-and-swap and then
//! fill the slot, the consumer empties slots in order. Slots are arrays of atomic words, so the whole of it is safe Rust
//! and costs no more than plain stores. A full ring refuses; nobody ever waits. The ring is a static of zeros: a program
//! that records nothing never touches its pages.

use std::{collections::HashMap, sync::PoisonError};

// `tests/loom` compiles this file against a model of memory in which every order of the threads is tried.
#[cfg(loom)]
use crate::model::{AtomicU64, Mutex, Ordering};
#[cfg(not(loom))]
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    base::{
        limits::{QUEUE_EVENTS, QUEUE_SPILL_BYTES},
        process::{Inside, PerProcess},
    },
    declare::sink::{INLINE_BYTES, Sink},
};

const WORDS: usize = INLINE_BYTES / 8;

/// One event on its way from the caller to the worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Queued {
    /// Where it stood in the queue.
    pub(crate) position: u64,
    /// The event's slot in the table of events.
    pub(crate) slot: u32,
    /// Its cell in the throttle, to be remembered or released.
    pub(crate) mark: u64,
    /// The number of the configuration under which it was recorded.
    pub(crate) configuration: u32,
    /// It was taken before the state folder was read: file layers, sampling and remembered throttle are still to ask.
    pub(crate) pending: bool,
    /// The encoded fields.
    pub(crate) payload: Vec<u8>,
}

struct Cell {
    /// Twice the lap in which the slot is free for a producer, plus one while it is full.
    turn: AtomicU64,
    /// Payload length, flags and event slot: `len << 48 | flags << 32 | slot`.
    header: AtomicU64,
    /// The mark in the throttle, and the number of the configuration: `configuration << 40 | mark`.
    mark: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl Cell {
    #[cfg(loom)]
    fn new() -> Self {
        let [turn, header, mark] = std::array::from_fn(|_| AtomicU64::new(0));
        Self { turn, header, mark, words: std::array::from_fn(|_| AtomicU64::new(0)) }
    }

    #[cfg(not(loom))]
    const fn new() -> Self {
        Self {
            turn: AtomicU64::new(0),
            header: AtomicU64::new(0),
            mark: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; WORDS],
        }
    }
}

/// Marks have 40 bits, and leave [`interned::NUMBER_BITS`](crate::base::interned::NUMBER_BITS) for the number.
const MARK_BITS: u32 = 40;
const MARK: u64 = (1 << MARK_BITS) - 1;

const PENDING: u64 = 1 << 32;
const SPILLED: u64 = 1 << 33;

/// Payloads too long for a slot, by the position they were given.
struct Spill {
    payloads: Option<HashMap<u64, Vec<u8>>>,
    bytes: usize,
    next: u64,
}

impl Spill {
    #[cfg(loom)]
    fn new() -> Mutex<Self> {
        Mutex::new(Self { payloads: None, bytes: 0, next: 0 })
    }

    #[cfg(not(loom))]
    const fn new() -> Mutex<Self> {
        Mutex::new(Self { payloads: None, bytes: 0, next: 0 })
    }
}

/// In this order in memory: a cell is found by its number alone, without the address of the first one to add.
#[repr(C)]
pub(crate) struct Queue {
    cells: [Cell; QUEUE_EVENTS],
    /// Next position for a producer, and for the consumer; apart from each other so that they do not share a cache line.
    tail: CacheLine,
    head: CacheLine,
    spill: PerProcess<Mutex<Spill>>,
}

#[repr(align(64))]
struct CacheLine(AtomicU64);

impl Queue {
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self {
            cells: std::array::from_fn(|_| Cell::new()),
            tail: CacheLine(AtomicU64::new(0)),
            head: CacheLine(AtomicU64::new(0)),
            spill: PerProcess::new(Spill::new(), |_| Spill::new()),
        }
    }

    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            tail: CacheLine(AtomicU64::new(0)),
            head: CacheLine(AtomicU64::new(0)),
            cells: [const { Cell::new() }; QUEUE_EVENTS],
            spill: PerProcess::new(Spill::new(), |_| Spill::new()),
        }
    }

    /// Puts an event into the queue; `false` means it is full.
    #[inline]
    pub(crate) fn push(&self, slot: u32, mark: u64, configuration: u32, pending: bool, sink: &Sink) -> bool {
        let mark = u64::from(configuration) << MARK_BITS | mark;
        let flags = if pending { PENDING } else { 0 };
        match sink.words() {
            Some(words) => self.push_words((sink.len() as u64) << 48 | flags | u64::from(slot), mark, words),
            None => self.push_spilled(slot, mark, flags, sink.bytes()),
        }
    }

    #[inline]
    fn push_words(&self, header: u64, mark: u64, words: impl Iterator<Item = u64>) -> bool {
        let mut tail = self.tail.0.load(Ordering::Relaxed);
        loop {
            let Some(cell) = self.cells.get(tail as usize % QUEUE_EVENTS) else { return false };
            let free = tail / QUEUE_EVENTS as u64 * 2;
            let turn = cell.turn.load(Ordering::Acquire);
            if turn == free {
                match self.tail.0.compare_exchange_weak(tail, tail + 1, Ordering::SeqCst, Ordering::Relaxed) {
                    Ok(_) => {
                        cell.header.store(header, Ordering::Relaxed);
                        cell.mark.store(mark, Ordering::Relaxed);
                        for (to, word) in cell.words.iter().zip(words) {
                            to.store(word, Ordering::Relaxed);
                        }
                        cell.turn.store(free + 1, Ordering::Release);
                        return true;
                    }
                    Err(moved) => tail = moved,
                }
            } else if turn < free {
                return false; // The consumer has not emptied this slot since the last lap.
            } else {
                tail = self.tail.0.load(Ordering::Relaxed);
            }
        }
    }

    #[cold]
    fn push_spilled(&self, slot: u32, mark: u64, flags: u64, payload: &[u8]) -> bool {
        let _inside = Inside::enter(); // The host's allocator may record.
        let ticket = {
            let mut spill = self.spill.lock().unwrap_or_else(PoisonError::into_inner);
            if spill.bytes + payload.len() > QUEUE_SPILL_BYTES {
                return false;
            }
            spill.bytes += payload.len();
            spill.next += 1;
            let ticket = spill.next;
            spill.payloads.get_or_insert_default().insert(ticket, payload.to_vec());
            ticket
        };
        let pushed = self.push_words(flags | SPILLED | u64::from(slot), mark, std::iter::once(ticket));
        if !pushed {
            self.take_spilled(ticket);
        }
        pushed
    }

    fn take_spilled(&self, ticket: u64) -> Vec<u8> {
        let mut spill = self.spill.lock().unwrap_or_else(PoisonError::into_inner);
        let payload = spill.payloads.as_mut().and_then(|payloads| payloads.remove(&ticket)).unwrap_or_default();
        spill.bytes -= payload.len();
        payload
    }

    /// Takes the oldest event. Only one thread at a time may call it.
    pub(crate) fn pop(&self) -> Option<Queued> {
        let head = self.head.0.load(Ordering::Relaxed);
        let cell = self.cells.get(head as usize % QUEUE_EVENTS)?;
        let full = head / QUEUE_EVENTS as u64 * 2 + 1;
        if cell.turn.load(Ordering::Acquire) != full {
            return None;
        }
        let header = cell.header.load(Ordering::Relaxed);
        let mark = cell.mark.load(Ordering::Relaxed);
        let words = cell.words.iter().map(|word| word.load(Ordering::Relaxed));
        let payload = if header & SPILLED == 0 {
            let len = (header >> 48) as usize;
            let mut payload: Vec<u8> = words.take(len.div_ceil(8)).flat_map(u64::to_le_bytes).collect();
            payload.truncate(len);
            payload
        } else {
            self.take_spilled(words.take(1).next().unwrap_or_default())
        };
        cell.turn.store(full + 1, Ordering::Release);
        self.head.0.store(head + 1, Ordering::Relaxed);
        Some(Queued {
            position: head,
            slot: header as u32,
            mark: mark & MARK,
            configuration: (mark >> MARK_BITS) as u32,
            pending: header & PENDING != 0,
            payload,
        })
    }

    /// Position and event slot of what [`Queue::pop`] would take. Only who may take it may ask.
    pub(crate) fn next(&self) -> Option<(u64, u32)> {
        let head = self.head.0.load(Ordering::Relaxed);
        let cell = self.cells.get(head as usize % QUEUE_EVENTS)?;
        let is_full = cell.turn.load(Ordering::Acquire) == head / QUEUE_EVENTS as u64 * 2 + 1;
        is_full.then(|| (head, cell.header.load(Ordering::Relaxed) as u32))
    }

    /// In a forked child: empties the queue without reading it, also of events that another thread had begun to write.
    /// No other thread may use it meanwhile. Positions go on from where they were.
    pub(crate) fn abandon(&self) {
        let end = self.tail.0.load(Ordering::SeqCst);
        for position in self.head.0.load(Ordering::SeqCst)..end {
            if let Some(cell) = self.cells.get(position as usize % QUEUE_EVENTS) {
                cell.turn.store(position / QUEUE_EVENTS as u64 * 2 + 2, Ordering::SeqCst);
            }
        }
        self.head.0.store(end, Ordering::SeqCst);
    }

    /// The position that the next event gets.
    pub(crate) fn end(&self) -> u64 {
        self.tail.0.load(Ordering::SeqCst)
    }

    /// Whether nothing was pushed that was not popped. `SeqCst` pairs with the worker's announcement that it sleeps.
    pub(crate) fn is_empty(&self) -> bool {
        self.tail.0.load(Ordering::SeqCst) == self.head.0.load(Ordering::SeqCst)
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
