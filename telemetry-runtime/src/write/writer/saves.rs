//! The small files that go with an append, written beside the lane: whoever waits for its turn to append waits for nobody
//! who replaces a file on a disk that is slow.
//!
//! What is to be written is taken from the lane while it is held, and written when it is not, by one thread of the SDK at a
//! time. A caller does not wait for that turn longer than it would for the lane: what it leaves unwritten is written with the next
//! change, by whoever comes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    base::{clock, limits::APPEND_POLL},
    declare::sdk::Sdk,
    spool::SdkDir,
    write::{
        files::memory_file::{self, Memory},
        writer::{self, Files, Lane, ledger_writer::Book},
    },
};

/// What one SDK has to write.
pub(crate) struct Saves {
    memory: Option<(Arc<SdkDir>, Memory)>,
    ledger: Option<Arc<SdkDir>>,
    book: Arc<Mutex<Book>>,
}

/// Which of it, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// Also if it is not time yet.
    pub(crate) memory: bool,
    /// The same.
    pub(crate) ledger: bool,
}

impl Lane {
    /// Takes from the lane what is to be written.
    pub(crate) fn saves(&mut self, sdk: Sdk, due: Due) -> Option<Saves> {
        let Files::Open(open) = &mut self.files else { return None };
        let memory = open.take_memory(due.memory);
        // After `off` in another process nothing is written any more.
        if self.obey_other_processes(sdk) {
            return None;
        }
        let Files::Open(open) = &self.files else { return None };
        let ledger = Some(Arc::clone(open.dir()));
        Some(Saves { memory, ledger, book: self.book() })
    }
}

impl Saves {
    /// Writes it; answers when to look at the ledger again. With `longest` a turn is given up after that time.
    pub(crate) fn write(self, sdk: Sdk, due: Due, longest: Option<Duration>) -> Option<Instant> {
        let Self { memory, ledger, book } = self;
        let Some(mut book) = turn(&book, longest) else {
            // Somebody else is at a slow disk. What was taken for this one is to be written with the next change.
            if memory.is_some() {
                keep_for_next_save(sdk, longest);
            }
            return None;
        };
        if let Some((dir, mut memory)) = memory {
            let stored = memory_file::update(&dir, |there| {
                memory.merge(there);
                memory.forget_expired(clock::now_ticks());
                memory
            });
            // A memory that cannot be kept costs repeats, nothing else.
            if stored.is_err() {
                keep_for_next_save(sdk, longest);
            }
        }
        ledger.and_then(|dir| book.save(sdk, &dir, due.ledger, false))
    }
}

/// What was taken from the lane could not be written.
fn keep_for_next_save(sdk: Sdk, longest: Option<Duration>) {
    if let Some(mut lane) = writer::within(sdk, longest.unwrap_or_default())
        && let Files::Open(open) = &mut lane.files
    {
        open.keep_for_next_save();
    }
}

/// The ledger on disk, for who may wait for it.
pub(crate) fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

fn turn(book: &Mutex<Book>, longest: Option<Duration>) -> Option<MutexGuard<'_, Book>> {
    let Some(longest) = longest else { return Some(lock(book)) };
    let begun = Instant::now();
    loop {
        match book.try_lock() {
            Ok(book) => return Some(book),
            Err(TryLockError::Poisoned(book)) => return Some(book.into_inner()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < longest => thread::sleep(APPEND_POLL),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}
