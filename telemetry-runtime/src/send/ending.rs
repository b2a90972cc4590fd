//! The end of a program and the end of a batch do not overlap.
//!
//! A batch that the server has confirmed is removed from the disk and counted; a program that ends between the two would leave
//! an event of which nobody knows what became of it. A program with an [`exit_guard`](crate::exit_guard) waits for the one
//! that is being ended, lets no other one end, and writes its ledger down. What is confirmed after that is sent again by a
//! later run, under the same key.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    base::{
        limits::{APPEND_POLL, EXIT_HOLD, EXIT_SAVE},
        process::PerProcess,
    },
    write::writer,
};

/// Until when no batch may end, because the program is about to.
static ENDING: PerProcess<Mutex<Option<Instant>>> = PerProcess::new(Mutex::new(None), |_| Mutex::new(None));

/// Held while a batch ends. In a program that ends it is not had any more; in one that goes on after all, it is had later.
pub(crate) fn end_of_batch() -> MutexGuard<'static, Option<Instant>> {
    loop {
        let ending = ENDING.lock().unwrap_or_else(PoisonError::into_inner);
        let left = ending.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return ending;
        }
        drop(ending);
        thread::sleep(left);
    }
}

/// The program ends: no batch ends any more, and what has ended so far is written down. Takes at most [`EXIT_SAVE`] for
/// the first, and as long for each SDK whose files somebody is busy with.
pub(crate) fn end_of_program() {
    let begun = Instant::now();
    loop {
        match ENDING.try_lock() {
            Ok(mut ending) => break *ending = begun.checked_add(EXIT_HOLD),
            Err(TryLockError::Poisoned(ending)) => break *ending.into_inner() = begun.checked_add(EXIT_HOLD),
            Err(TryLockError::WouldBlock) if begun.elapsed() < EXIT_SAVE => thread::sleep(APPEND_POLL),
            Err(TryLockError::WouldBlock) => break,
        }
    }
    writer::save_ledgers_at_exit();
}
