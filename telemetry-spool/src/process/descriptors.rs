//! Our open files: in a table that a forked child can read and close, and each with what tells it from any other file.
//!
//! An advisory lock belongs to the open file, and a fork shares that: a child that lives long would keep the files of a
//! parent that is gone locked, and nobody could deliver what is in them. So the child closes its copies at once. Another
//! thread of the parent may be between opening a file and entering it here while the fork happens; that one copy stays with
//! the child, and if the parent is killed besides, its frames wait until the child ends.
//!
//! A program may close every descriptor that it does not know, and open files of its own under the same numbers. So device and
//! inode are compared before a file or folder is written, locked or closed; what is not ours is left alone, and its lock is
//! gone with it.
#![allow(unsafe_code, reason = "closes descriptors by their number, in a child that must not run any destructor")]

use std::{
    fs::File,
    io,
    mem::{ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, RawFd},
    sync::atomic::{AtomicI32, AtomicU64, Ordering},
};

use super::lock;

/// Slots in the table. One spool holds a few folders, a segment and for a moment up to 20 files; a file that
/// finds no slot works as ever and is closed by an `exec` only.
const SLOTS: usize = 1024;

/// Zero, as a static of zeros takes no room in a program.
const FREE: i32 = 0;

/// Somebody is entering a file.
const BUSY: i32 = 1;

/// A descriptor as it stands in a slot: below zero.
const fn entry(fd: RawFd) -> i32 {
    !fd
}

static TABLE: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];

/// A slot in the table.
#[derive(Debug)]
struct Slot {
    /// [`FREE`], [`BUSY`] or [`entry`].
    entry: AtomicI32,
    device: AtomicU64,
    inode: AtomicU64,
}

impl Slot {
    const fn new() -> Self {
        Self { entry: AtomicI32::new(FREE), device: AtomicU64::new(0), inode: AtomicU64::new(0) }
    }

    /// Takes the slot for a file, if it is free.
    fn enter(&self, fd: RawFd, identity: Identity) -> bool {
        if self.entry.compare_exchange(FREE, BUSY, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return false;
        }
        self.device.store(identity.device, Ordering::Relaxed);
        self.inode.store(identity.inode, Ordering::Relaxed);
        self.entry.store(entry(fd), Ordering::Release);
        true
    }
}

/// What tells an open file from any other. A file that was removed may leave its inode to the next one, on some file systems
/// at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// That of an open descriptor, or the error code. Signal-safe.
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "these types differ between systems")]
    fn of(fd: RawFd) -> Result<Self, i32> {
        let mut stat = MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: any number may be asked for; all zeros are a valid `stat`, and the call fills it or fails.
        let (failed, stat) = unsafe { (libc::fstat(fd, stat.as_mut_ptr()), stat.assume_init()) };
        match failed {
            0 => Ok(Self { device: stat.st_dev as u64, inode: stat.st_ino as u64 }),
            _ => Err(io::Error::last_os_error().raw_os_error().unwrap_or_default()),
        }
    }
}

/// An open file or folder of ours.
#[derive(Debug)]
pub struct Tracked<T: AsFd> {
    inner: ManuallyDrop<T>,
    identity: Option<Identity>,
    slot: Option<&'static Slot>,
}

impl<T: AsFd> Tracked<T> {
    /// Enters a file that was just opened.
    pub fn new(inner: T) -> Self {
        let identity = Identity::of(inner.as_fd().as_raw_fd()).ok();
        Self::enter(inner, identity)
    }

    /// As [`Tracked::new`], of a file whose device and inode were just asked for.
    pub fn known(inner: T, device: u64, inode: u64) -> Self {
        Self::enter(inner, Some(Identity { device, inode }))
    }

    fn enter(inner: T, identity: Option<Identity>) -> Self {
        let fd = inner.as_fd().as_raw_fd();
        let slot = identity.and_then(|identity| TABLE.iter().find(|slot| slot.enter(fd, identity)));
        Self { inner: ManuallyDrop::new(inner), identity, slot }
    }

    /// Whether the number still leads to this file. Where the system cannot say, it does.
    pub fn is_ours(&self) -> bool {
        match (self.identity, Identity::of(self.inner.as_fd().as_raw_fd())) {
            (Some(then), Ok(now)) => then == now,
            (_, Err(error)) => error != libc::EBADF,
            (None, Ok(_)) => true,
        }
    }

    /// The file, if it is still this one.
    ///
    /// # Errors
    ///
    /// `EBADF` if the program has closed it.
    pub fn checked(&self) -> io::Result<&T> {
        if self.is_ours() { Ok(&self.inner) } else { Err(io::Error::from_raw_os_error(libc::EBADF)) }
    }
}

/// What the standard library has under these names, since Rust 1.89 or before, for the file that was opened and no other.
impl Tracked<File> {
    /// Locks it, without waiting; [`io::ErrorKind::WouldBlock`] if somebody else has the lock.
    pub fn try_lock(&self) -> io::Result<()> {
        lock::try_lock(self.checked()?)
    }

    /// Gives the lock back.
    ///
    /// # Errors
    ///
    /// If the system refuses, or the program has closed the file.
    pub fn unlock(&self) -> io::Result<()> {
        lock::unlock(self.checked()?)
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    ///
    /// If the disk fails, or the program has closed the file.
    pub fn sync_data(&self) -> io::Result<()> {
        self.checked()?.sync_data()
    }

    /// Cuts the file.
    ///
    /// # Errors
    ///
    /// If the disk fails, or the program has closed the file.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.checked()?.set_len(len)
    }
}

impl<T: AsFd> Drop for Tracked<T> {
    fn drop(&mut self) {
        let fd = self.inner.as_fd().as_raw_fd();
        let ours = self.is_ours();
        // Out of the table first: by the next instruction after `close` the number may be a file of the program.
        let listed = self.slot.is_none_or(|slot| {
            slot.entry.compare_exchange(entry(fd), FREE, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        });
        if listed && ours {
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
    for slot in &TABLE {
        let listed = slot.entry.swap(FREE, Ordering::AcqRel);
        let fd = entry(listed);
        let (device, inode) = (slot.device.load(Ordering::Relaxed), slot.inode.load(Ordering::Relaxed));
        if listed < 0 && Identity::of(fd) == Ok(Identity { device, inode }) {
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
        TABLE.iter().any(|slot| slot.entry.load(Ordering::Acquire) == entry(fd))
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
        file.slot.take().unwrap().entry.store(FREE, Ordering::Release);
        file.slot = Some(Box::leak(Box::new(Slot::new())));
        let fd = file.as_fd().as_raw_fd();
        drop(file);
        assert!(std::path::Path::new(&format!("/dev/fd/{fd}")).exists(), "the number is not ours to close");
        drop(copy);
        // SAFETY: this test left it open.
        unsafe { libc::close(fd) };
    }

    #[test]
    fn o03_a_number_that_leads_to_another_file_is_left_alone() {
        use std::io::Write as _;

        let file = Tracked::new(tempfile::tempfile().unwrap());
        let other = tempfile::tempfile().unwrap();
        let fd = file.as_fd().as_raw_fd();
        // As a program that closes what it does not know and opens a file of its own.
        // SAFETY: the number is that of `file`, which finds out.
        assert_eq!(unsafe { libc::dup2(other.as_raw_fd(), fd) }, fd);
        assert!(!file.is_ours());
        assert!(file.try_lock().is_err() && file.unlock().is_err() && file.set_len(7).is_err());
        assert_eq!(other.metadata().unwrap().len(), 0);
        drop(file);
        // SAFETY: this test owns the number now.
        let mut left: File = unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) };
        left.write_all(b"still open").unwrap();
        assert!(!holds(fd));
    }
}
