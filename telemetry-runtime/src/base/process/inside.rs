//! Where our own code is at work: nothing that is recorded there is an event.
//!
//! We allocate, we call a client that logs, our threads end; a host may record in its allocator, its logger, its panic hook or
//! the `Drop` of a thread local. Such an event would wait for a lock that its own thread holds, or make an upload whose end
//! makes the next one. So each thread knows whether it is inside: from a function that does more than queue an event, or
//! that a host calls, until it returns, and for good on the threads that we start and that our client starts.
//!
//! What the host's own code records is an event wherever we run it: the closure and the values of another event, the code of
//! a capture, the body of an annotated function. None of it is run inside.

use std::{
    cell::Cell,
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering},
};

/// What we know of a thread. Needs no start and no end, so it can be asked in an allocator and when the other thread locals
/// are gone. In one piece: in a plugin the way to it is a call.
struct Local {
    /// The number of the thread while it is in no call of ours: what every event asks for. 0 until the thread has one.
    outside: Cell<u32>,
    /// How many calls of ours this thread is in.
    depth: Cell<u32>,
    /// The number of the thread; 0 until it is asked for.
    number: Cell<u32>,
}

impl Local {
    /// After one of the others was changed.
    fn set_outside(&self) {
        self.outside.set(if self.depth.get() == 0 { self.number.get() } else { 0 });
    }
}

const _: () = assert!(!std::mem::needs_drop::<Local>());

thread_local! {
    static LOCAL: Local = const { Local { outside: Cell::new(0), depth: Cell::new(0), number: Cell::new(0) } };
}

/// A number for this thread of 31 bits, which it keeps: 1 for the first one that asks, and so on.
#[inline]
pub(crate) fn thread_number() -> u32 {
    LOCAL.with(|local| match local.number.get() {
        0 => new_number(local),
        number => number,
    })
}

#[cold]
fn new_number(local: &Local) -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    // After two billion threads some have the same one, and never 0.
    let number = (LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1) & (u32::MAX >> 1)).max(1);
    local.number.set(number);
    local.set_outside();
    number
}

/// The number of this thread, if it is in no call of ours; 0 also where it has none yet.
#[inline]
pub(crate) fn number_outside() -> u32 {
    LOCAL.with(|local| local.outside.get())
}

/// Whether this thread is in our code.
pub(crate) fn is_inside() -> bool {
    LOCAL.with(|local| local.depth.get()) != 0
}

fn set_depth(change: impl FnOnce(u32) -> u32) {
    LOCAL.with(|local| {
        local.depth.set(change(local.depth.get()));
        local.set_outside();
    });
}

/// This thread is ours for as long as it lives.
pub(crate) fn stay_inside() {
    set_depth(|_| u32::MAX / 2);
}

/// Runs what is the host's own on a thread of ours: what it records is an event.
pub(crate) fn outside<T>(run: impl FnOnce() -> T) -> T {
    struct Back(u32);
    impl Drop for Back {
        fn drop(&mut self) {
            set_depth(|_| self.0);
        }
    }
    let _back = Back(LOCAL.with(|local| local.depth.get()));
    set_depth(|_| 0);
    run()
}

/// This thread is in our code for as long as this lives.
#[derive(Debug)]
#[must_use]
pub(crate) struct Inside(PhantomData<*const ()>);

impl Inside {
    pub(crate) fn enter() -> Self {
        set_depth(|depth| depth.saturating_add(1));
        Self(PhantomData)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        set_depth(|depth| depth.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_keep_numbers_of_their_own() {
        let numbers = || (thread_number(), thread_number());
        let (first, again) = numbers();
        let (other, other_again) = std::thread::spawn(numbers).join().unwrap();
        assert!(first == again && other == other_again && first != other && first != 0 && other != 0);
        assert_eq!(number_outside(), first);
        let before_and_after = || (number_outside(), thread_number(), number_outside());
        let (none, number, outside) = std::thread::spawn(before_and_after).join().unwrap();
        assert!(none == 0 && number != 0 && outside == number);
    }

    #[test]
    fn o04_what_is_the_hosts_own_runs_outside() {
        let ours = std::thread::spawn(|| {
            stay_inside();
            assert!(!outside(is_inside));
            assert!(std::panic::catch_unwind(|| outside(|| panic!("the host's own"))).is_err());
            is_inside()
        });
        assert!(ours.join().unwrap());
    }

    #[test]
    fn o04_a_thread_is_inside_until_the_outermost_call_returns() {
        assert!(!is_inside());
        let outer = Inside::enter();
        drop(Inside::enter());
        assert!(is_inside());
        std::thread::spawn(|| assert!(!is_inside())).join().unwrap();
        assert_eq!((thread_number() > 0, number_outside()), (true, 0));
        drop(outer);
        assert!(!is_inside());
        assert_eq!(number_outside(), thread_number());
        let ours = std::thread::spawn(|| {
            stay_inside();
            drop(Inside::enter());
            is_inside()
        });
        assert!(ours.join().unwrap());
    }
}
