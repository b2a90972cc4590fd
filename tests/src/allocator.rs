//! The allocator of a host that wants to know of every allocation.
#![allow(unsafe_code, reason = "an allocator is unsafe to write")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::OnceLock,
};

/// The system's allocator; tells of each call, on whatever thread it is made.
pub struct Telling;

static TOLD: OnceLock<fn(usize)> = OnceLock::new();

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// From now on `told` is called with the size of every allocation and release, before and after it.
pub fn tell(told: fn(usize)) {
    TOLD.get_or_init(|| told);
}

/// Tells no more of this thread, or again.
pub fn quiet(quiet: bool) {
    QUIET.set(quiet);
}

fn note(size: usize) {
    if let Some(told) = TOLD.get().filter(|_| !QUIET.get()) {
        told(size);
    }
}

// SAFETY: every call is the system's.
unsafe impl GlobalAlloc for Telling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's word.
        unsafe { System.dealloc(memory, layout) };
        note(layout.size());
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's word.
        unsafe { System.realloc(memory, layout, size) }
    }
}
