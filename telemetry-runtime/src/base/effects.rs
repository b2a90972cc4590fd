//! Counts what the runtime does to the outside world, so that tests can assert that it did nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// One kind of effect on the outside world.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// A line on stderr.
    Printed = 0,
    /// A state folder was opened or written.
    Files = 1,
    /// A request was handed to a transport.
    Requests = 2,
    /// A thread was started.
    Threads = 3,
}

static COUNTS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

/// Notes an effect, before it happens. Nobody but tests looks.
#[inline]
pub(crate) fn note(effect: Effect) {
    if cfg!(all(native, feature = "testing"))
        && let Some(count) = COUNTS.get(effect as usize)
    {
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// All effects so far: lines, files, requests, threads.
#[cfg(all(native, feature = "testing"))]
pub(crate) fn counts() -> [u64; 4] {
    [0, 1, 2, 3].map(|index: usize| COUNTS.get(index).map_or(0, |count| count.load(Ordering::SeqCst)))
}
