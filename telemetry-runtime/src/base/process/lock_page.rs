//! Locks in a page; the same names as in `lock.rs`.

use std::{
    process,
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
};

/// Takes a lock. In a module with one thread whoever holds it is whoever asks for it, and would wait forever. That never is; what the standard
/// library says of it is half a kilobyte.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    if cfg!(target_feature = "atomics") {
        return mutex.lock().unwrap_or_else(PoisonError::into_inner);
    }
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(error)) => error.into_inner(),
        Err(TryLockError::WouldBlock) => process::abort(),
    }
}
