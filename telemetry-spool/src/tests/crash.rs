//! Processes that die between any two changes to the disk, or in the middle of a write: from that moment on nothing that
//! they do reaches the disk, as far as anybody else can see.

use std::{cell::Cell, io};

thread_local! {
    /// Changes that are still made. `None`: all of them.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    /// The share of the bytes of the last write that reach the disk, of 255.
    static TORN: Cell<u8> = const { Cell::new(0) };
    static TEARS: Cell<bool> = const { Cell::new(false) };
    /// Changes up to one that fails, alone, in a process that lives on. `None`: none does.
    static FAILS: Cell<Option<u32>> = const { Cell::new(None) };
    /// Readings that still succeed. `None`: all of them.
    static READS: Cell<Option<u32>> = const { Cell::new(None) };
    /// No plan can be read, nor what became of one.
    static PLANS: Cell<bool> = const { Cell::new(false) };
}

/// Whether the process of this thread is alive; every call is a change to the disk.
pub(crate) fn step() -> io::Result<()> {
    match LEFT.get() {
        None => fail_once(),
        Some(0) => Err(io::ErrorKind::Other.into()),
        Some(left) => {
            LEFT.set(Some(left - 1));
            if left > 1 {
                return Ok(());
            }
            TEARS.set(true); // This is the change during which it dies.
            Err(io::ErrorKind::Other.into())
        }
    }
}

fn fail_once() -> io::Result<()> {
    let left = FAILS.get().map(|left| left - 1);
    FAILS.set(left.filter(|left| *left > 0));
    if left == Some(0) { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
}

/// Lets the `at`th change to the disk fail, counted from 1, and no other one.
pub(crate) fn fail_at(at: u32) {
    FAILS.set(Some(at.max(1)));
}

/// Every call is a reading from the disk.
pub(crate) fn read() -> io::Result<()> {
    match READS.get() {
        None => Ok(()),
        Some(0) => Err(rustix::io::Errno::IO.into()),
        Some(left) => {
            READS.set(Some(left - 1));
            Ok(())
        }
    }
}

/// Lets every reading fail behind the first so many; with `None` the disk works again.
pub(crate) fn fail_reads(behind: Option<u32>) {
    READS.set(behind);
}

/// Every call is a look at a plan.
pub(crate) fn plan() -> io::Result<()> {
    if PLANS.get() { Err(rustix::io::Errno::IO.into()) } else { Ok(()) }
}

/// Lets every look at a plan fail.
pub(crate) fn fail_plans(fail: bool) {
    PLANS.set(fail);
}

/// Whether that change was not made yet; from now on none fails.
pub(crate) fn has_not_failed() -> bool {
    FAILS.take().is_some()
}

/// How many of `len` bytes the write during which the process dies has written.
pub(crate) fn torn(len: usize) -> usize {
    if TEARS.replace(false) { len * usize::from(TORN.get()) / 255 } else { 0 }
}

/// Lets the process of this thread die at its `at`th change to the disk, counted from 1.
pub(crate) fn die_at(at: u32, torn: u8) {
    LEFT.set(Some(at.max(1)));
    TORN.set(torn);
}

/// Whether it has died.
pub(crate) fn is_dead() -> bool {
    LEFT.get() == Some(0)
}

/// The next process begins.
pub(crate) fn revive() {
    LEFT.set(None);
    TEARS.set(false);
}
