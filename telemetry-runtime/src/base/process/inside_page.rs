//! Where our own code is at work in a page, which has one thread; the same names as in `inside.rs`.

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering},
};

/// How many calls of ours the page is in.
static DEPTH: AtomicU32 = AtomicU32::new(0);

/// The number of the one thread.
#[inline]
pub(crate) const fn thread_number() -> u32 {
    1
}

/// The number of the one thread while it is in no call of ours, else 0.
#[inline]
pub(crate) fn number_outside() -> u32 {
    u32::from(!is_inside())
}

/// Whether the page is in our code.
#[inline]
pub(crate) fn is_inside() -> bool {
    DEPTH.load(Ordering::Relaxed) != 0
}

/// Once, as it is done in many places.
#[inline(never)]
fn add_depth(more: u32) {
    DEPTH.fetch_add(more, Ordering::Relaxed);
}

/// The page is in our code for as long as this lives.
#[derive(Debug)]
#[must_use]
pub(crate) struct Inside(PhantomData<*const ()>);

impl Inside {
    pub(crate) fn enter() -> Self {
        add_depth(1);
        Self(PhantomData)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        add_depth(u32::MAX);
    }
}
