//! Values of which every process has its own, where no process is a copy of another; the same names as in `local.rs`.

use std::{fmt, ops::Deref};

/// A value of this process.
pub struct PerProcess<T: 'static>(T);

impl<T: Sync> PerProcess<T> {
    /// The value; nothing ever makes another one of it.
    pub const fn new(value: T, _renew: fn(&T) -> T) -> Self {
        Self(value)
    }
}

impl<T> Deref for PerProcess<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess(…)")
    }
}
