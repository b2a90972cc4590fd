//! The queue of this process, and how far the worker has come with it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{base::interned::Reach, record::queue::Queue};

pub(crate) static QUEUE: Queue = Queue::new();

/// All events before this position of the queue were appended or counted.
static DONE: AtomicU64 = AtomicU64::new(0);

/// The event at this position, and all before it, were appended or counted.
pub(crate) fn done(position: u64) {
    DONE.store(position + 1, Ordering::SeqCst);
}

/// Where the queue is.
pub(crate) fn reach() -> Reach {
    // In this order: what is done was not put into the queue later.
    let done = DONE.load(Ordering::SeqCst);
    Reach { end: QUEUE.end(), done }
}
