//! CPU time, memory and allocations of this process.
#![allow(unsafe_code, reason = "an allocator that counts, and `getrusage` without a dependency")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

/// Counts what is allocated by any thread, while it is told to.
struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

fn count(bytes: usize) {
    if COUNTS.load(Relaxed) {
        ALLOCATIONS.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes as u64, Relaxed);
    }
}

// SAFETY: all of it is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Begins or ends the counting.
pub(crate) fn count_allocations(counts: bool) {
    COUNTS.store(counts, Relaxed);
}

/// How many allocations were counted, and their bytes.
pub(crate) fn allocated() -> (u64, u64) {
    (ALLOCATIONS.load(Relaxed), BYTES.load(Relaxed))
}

/// Microseconds of computing of all threads of this process so far, the kernel's work for it included.
pub fn process_cpu_us() -> f64 {
    cpu_us(0)
}

/// The same of all children that have ended and were waited for.
pub fn children_cpu_us() -> f64 {
    cpu_us(-1)
}

/// The most memory that this program has had in use at once, in KiB; 0 where the system does not say.
///
/// `VmHWM` and not `ru_maxrss`: that one begins with the peak of the process that started this one.
pub fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn cpu_us(who: i32) -> f64 {
    // The `struct rusage` of 64-bit Linux: two times, each as seconds and microseconds, and fourteen numbers.
    #[repr(C)]
    struct Usage {
        times: [i64; 4],
        numbers: [i64; 14],
    }
    unsafe extern "C" {
        fn getrusage(who: i32, usage: *mut Usage) -> i32;
    }
    let mut usage = Usage { times: [0; 4], numbers: [0; 14] };
    // SAFETY: the call fills what it is given, which is of the size it expects on the systems this is for.
    if unsafe { getrusage(who, &raw mut usage) } != 0 {
        return 0.0;
    }
    let Usage { times: [user_s, user_us, system_s, system_us], numbers: _ } = usage;
    (user_s + system_s) as f64 * 1e6 + (user_us + system_us) as f64
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("the measurements read what 64-bit Linux says of a process");
