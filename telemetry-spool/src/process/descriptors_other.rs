//! Where there is no `fork`, nothing inherits open files, and they need no table.

use std::{
    fs::File,
    io,
    ops::{Deref, DerefMut},
};

use super::lock;

/// An open file of ours.
#[derive(Debug)]
pub struct Tracked<T>(T);

impl<T> Tracked<T> {
    /// Takes a file that was just opened.
    pub fn new(inner: T) -> Self {
        Self(inner)
    }

    /// Whether it still is this file: nobody closes a handle that is not theirs.
    pub fn is_ours(&self) -> bool {
        let _ = &self.0;
        true
    }

    /// The file.
    pub fn checked(&self) -> io::Result<&T> {
        Ok(&self.0)
    }
}

impl Tracked<File> {
    /// Locks it, without waiting; [`io::ErrorKind::WouldBlock`] if somebody else has the lock.
    pub fn try_lock(&self) -> io::Result<()> {
        lock::try_lock(&self.0)
    }

    /// Gives the lock back.
    ///
    /// # Errors
    ///
    /// If the system refuses, or the program has closed the file.
    pub fn unlock(&self) -> io::Result<()> {
        lock::unlock(&self.0)
    }
}

impl<T> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
