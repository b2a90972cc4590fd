//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock, also where somebody has panicked who held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
