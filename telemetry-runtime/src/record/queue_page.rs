//! The queue of a page, which has one thread and empties it between two tasks: a list; the same names as in `queue.rs`.

use std::{
    mem,
    sync::{Mutex, MutexGuard},
};

use crate::{
    base::{
        interned::Positions,
        limits::{QUEUE_BLOCK_BYTES, QUEUE_BYTES},
        process::{self, Inside, PerProcess},
    },
    declare::sink::Payload,
    record::queued::{Pushed, Queued},
};

/// Bytes of an event beside its payload.
const BESIDE: usize = 16;

pub(crate) struct Queue(PerProcess<Mutex<Events>>);

struct Events {
    waiting: Vec<Event>,
    bytes: usize,
    /// How many were ever pushed, and how many of them were taken.
    end: u64,
    done: u64,
}

struct Event {
    slot: u32,
    mark: u64,
    configuration: u32,
    pending: bool,
    payload: Vec<u8>,
}

impl Events {
    const fn new() -> Self {
        Self { waiting: Vec::new(), bytes: 0, end: 0, done: 0 }
    }
}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self(PerProcess::new(Mutex::new(Events::new()), |_| Mutex::new(Events::new())))
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        process::lock(&self.0)
    }

    pub(crate) fn push(
        &self,
        _shard: usize,
        slot: u32,
        mark: u64,
        configuration: u32,
        pending: bool,
        payload: Payload<'_>,
    ) -> Pushed {
        let _inside = Inside::enter();
        let bytes = BESIDE + payload.len();
        let mut events = self.events();
        if bytes >= QUEUE_BLOCK_BYTES {
            return Pushed::TooLong;
        }
        if events.bytes + bytes > QUEUE_BYTES {
            return Pushed::Full;
        }
        events.waiting.push(Event { slot, mark, configuration, pending, payload: payload.bytes().to_vec() });
        events.bytes += bytes;
        events.end += 1;
        if events.bytes >= QUEUE_BYTES / 4 { Pushed::Filling } else { Pushed::Yes }
    }

    /// Hands out what is in the queue at this moment.
    pub(crate) fn drain(&self, mut take: impl FnMut(&Queued<'_>)) {
        let (waiting, end) = {
            let mut events = self.events();
            events.bytes = 0;
            (mem::take(&mut events.waiting), events.end)
        };
        for (position, event) in (end.saturating_sub(waiting.len() as u64)..).zip(waiting) {
            let Event { slot, mark, configuration, pending, payload } = event;
            take(&Queued { shard: 0, position, slot, mark, configuration, pending, payload: &payload });
        }
        self.events().done = end;
    }

    /// The position that the next event gets.
    pub(crate) fn end(&self) -> Positions {
        [self.events().end]
    }

    /// Everything before this position was taken.
    pub(crate) fn done(&self) -> Positions {
        [self.events().done]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events().waiting.is_empty()
    }
}
