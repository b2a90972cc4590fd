//! Our open files, in a table that a forked child can read and close.
//!
//! An advisory lock belongs to the open file, and a fork shares that: a child that lives long would keep the files of a
//! parent that is gone locked, and nobody could deliver what is in them. So the child closes its copies at once. Another
//! thread of the parent may be between opening a file and entering it here while the fork happens; that one copy stays with
//! the child, and if the parent is killed besides, its events wait until the child ends.
#![allow(unsafe_code, reason = "closes descriptors by their number, in a child that must not run any destructor")]

use std::{
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, RawFd},
    sync::atomic::{AtomicI32, Ordering},
};

/// Places in the table. One SDK holds a few folders, a segment and for a moment up to 20 files; a file that
/// finds no place works as ever and is closed by an `exec` only.
const PLACES: usize = 1024;

const FREE: RawFd = -1;

static TABLE: [AtomicI32; PLACES] = [const { AtomicI32::new(FREE) }; PLACES];

/// An open file or folder of ours.
#[derive(Debug)]
pub(crate) struct Tracked<T: AsFd> {
    inner: ManuallyDrop<T>,
    place: Option<&'static AtomicI32>,
}

impl<T: AsFd> Tracked<T> {
    /// Enters a file that was just opened.
    pub(crate) fn new(inner: T) -> Self {
        let fd = inner.as_fd().as_raw_fd();
        let place =
            TABLE.iter().find(|place| place.compare_exchange(FREE, fd, Ordering::AcqRel, Ordering::Relaxed).is_ok());
        Self { inner: ManuallyDrop::new(inner), place }
    }
}

impl<T: AsFd> Drop for Tracked<T> {
    fn drop(&mut self) {
        let fd = self.inner.as_fd().as_raw_fd();
        // Out of the table first: by the next instruction after `close` the number may be a file of the host.
        let ours = self
            .place
            .is_none_or(|place| place.compare_exchange(fd, FREE, Ordering::AcqRel, Ordering::Relaxed).is_ok());
        if ours {
            // SAFETY: dropped once, here, and not used again. Where the number is gone from the table, `close_inherited`
            // has closed it in this process, and it may be somebody else's by now.
            unsafe { ManuallyDrop::drop(&mut self.inner) };
        }
    }
}

impl<T: AsFd> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsFd> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: AsFd> AsFd for Tracked<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Closes the copies that this child has of its parent's files. Signal-safe.
pub(super) fn close_inherited() {
    for place in &TABLE {
        let fd = place.swap(FREE, Ordering::AcqRel);
        if fd != FREE {
            // SAFETY: the number was open at the fork and ours: it leaves the table before it is closed. The objects that
            // own it are never dropped in this process, or find out in `drop`.
            unsafe { libc::close(fd) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(fd: RawFd) -> bool {
        TABLE.iter().any(|place| place.load(Ordering::Acquire) == fd)
    }

    #[test]
    fn a_file_is_in_the_table_as_long_as_it_is_open() {
        let file = Tracked::new(tempfile::tempfile().unwrap());
        let fd = file.as_fd().as_raw_fd();
        assert!(holds(fd));
        drop(file);
        assert!(!holds(fd));
    }

    #[test]
    fn what_was_closed_already_is_not_closed_again() {
        let mut file = Tracked::new(tempfile::tempfile().unwrap());
        let copy = file.try_clone().unwrap();
        // As `close_inherited` leaves it, but for this one file; the number then goes to somebody else.
        file.place.take().unwrap().store(FREE, Ordering::Release);
        let free = AtomicI32::new(FREE);
        file.place = Some(Box::leak(Box::new(free)));
        let fd = file.as_fd().as_raw_fd();
        drop(file);
        assert!(std::path::Path::new(&format!("/dev/fd/{fd}")).exists(), "the number is not ours to close");
        drop(copy);
        // SAFETY: this test left it open.
        unsafe { libc::close(fd) };
    }
}
