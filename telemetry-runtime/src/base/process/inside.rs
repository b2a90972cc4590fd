//! Where our own code is at work: nothing that is recorded there is an event.
//!
//! We allocate, we call a client that logs, our threads end; a host may record in its allocator, its logger, its panic hook or
//! the `Drop` of a thread local. Such an event would wait for a lock that its own thread holds, or make an upload whose end
//! makes the next one. So each thread knows whether it is inside: from a function that does more than queue an event, or
//! that a host calls, until it returns, and for good on the threads that we start and that our client starts.
//!
//! What the host's own code records is an event wherever we run it: the closure and the values of another event, the code of
//! a capture, the body of an annotated function. None of it is run inside.

use std::{cell::Cell, marker::PhantomData};

thread_local! {
    /// How many calls of ours this thread is in. Needs no start and no end, so it can be asked in an allocator and when the
    /// other thread locals are gone.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is in our code.
#[inline]
pub(crate) fn is_inside() -> bool {
    DEPTH.get() != 0
}

/// This thread is ours for as long as it lives.
pub(crate) fn stay_inside() {
    DEPTH.set(u32::MAX / 2);
}

/// This thread is in our code for as long as this lives.
#[derive(Debug)]
#[must_use]
pub(crate) struct Inside(PhantomData<*const ()>);

impl Inside {
    pub(crate) fn enter() -> Self {
        DEPTH.set(DEPTH.get().saturating_add(1));
        Self(PhantomData)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o04_a_thread_is_inside_until_the_outermost_call_returns() {
        assert!(!is_inside());
        let outer = Inside::enter();
        drop(Inside::enter());
        assert!(is_inside());
        std::thread::spawn(|| assert!(!is_inside())).join().unwrap();
        drop(outer);
        assert!(!is_inside());
        let ours = std::thread::spawn(|| {
            stay_inside();
            drop(Inside::enter());
            is_inside()
        });
        assert!(ours.join().unwrap());
    }
}
