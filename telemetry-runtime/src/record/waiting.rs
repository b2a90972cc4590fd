//! The queue of this process.

use crate::{base::interned::Reach, record::queue::Queue};

pub(crate) static QUEUE: Queue = Queue::new();

/// Where the queue is.
pub(crate) fn reach() -> Reach {
    // In this order: what is done was not put into the queue later.
    let done = QUEUE.done();
    Reach { end: QUEUE.end(), done }
}
