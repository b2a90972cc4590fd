//! Where there is no `fork`, nothing inherits open files, and they need no table.

use std::ops::{Deref, DerefMut};

/// An open file of ours.
#[derive(Debug)]
pub(crate) struct Tracked<T>(T);

impl<T> Tracked<T> {
    /// Takes a file that was just opened.
    pub(crate) fn new(inner: T) -> Self {
        Self(inner)
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
