//! Values of which every process has its own.
#![allow(unsafe_code, reason = "a pointer that every thread reads without a lock; see the one `SAFETY` below")]

use std::{
    fmt,
    ops::Deref,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use crate::process::fork::generation;

/// A value that a forked child does not share with its parent.
///
/// After a fork only the thread that forked exists. A lock that another thread held stays locked for ever, a condition
/// variable counts waiters that are gone, what stood behind them may be half changed, and what it owns, such as files, is
/// the parent's. So the child never touches the value that it inherited: its first access makes a new one. The old one is
/// left as it is and never dropped.
///
/// In a process that was not forked an access is one load and a comparison.
pub struct PerProcess<T: 'static> {
    first: T,
    /// Makes the value of a child from the one that it inherited, whose locks it may at most try.
    renew: fn(&T) -> T,
    /// The value of a later generation; null in a process that never was a child.
    later: AtomicPtr<Later<T>>,
}

struct Later<T> {
    generation: u32,
    value: T,
}

impl<T: Sync> PerProcess<T> {
    /// The value of this process, and how a forked child makes its own of it.
    pub const fn new(first: T, renew: fn(&T) -> T) -> Self {
        Self { first, renew, later: AtomicPtr::new(ptr::null_mut()) }
    }
}

impl<T: Sync> Deref for PerProcess<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let now = generation();
        if now == 0 {
            return &self.first;
        }
        loop {
            let seen = self.later.load(Ordering::Acquire);
            // SAFETY: the pointer is null or came from `Box::into_raw` below and was published with `Release`; what has
            // been published is never freed and never changed except through `T`'s own `Sync` interior.
            let inherited = match unsafe { seen.as_ref() } {
                Some(later) if later.generation == now => return &later.value,
                Some(later) => &later.value,
                None => &self.first,
            };
            let made = Box::into_raw(Box::new(Later { generation: now, value: (self.renew)(inherited) }));
            if self.later.compare_exchange(seen, made, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: another thread was quicker, so nobody has seen this one.
                drop(unsafe { Box::from_raw(made) });
            }
        }
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess(…)")
    }
}
