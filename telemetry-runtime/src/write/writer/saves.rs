//! The small files that go with an append, written beside the writer: whoever waits for its turn to append waits for nobody
//! who replaces a file on a disk that is slow.
//!
//! What is to be written is taken from the writer while it is held, and written when it is not, by one thread of the SDK at a
//! time. A caller does not wait for that turn longer than it would for the writer: what it leaves unwritten is written with the next
//! change, by whoever comes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    base::{clock, limits::APPEND_POLL},
    declare::sdk::Sdk,
    write::files::state_dir::SdkDir,
    write::{
        files::memory_file::{self, Memory},
        writer::{self, Files, SdkWriter, ledger_writer::LedgerWriter},
    },
};

/// What one SDK has to write.
pub(crate) struct Saves {
    memory: Option<(Arc<SdkDir>, Memory)>,
    ledger: Option<Arc<SdkDir>>,
    ledger_writer: Arc<Mutex<LedgerWriter>>,
}

/// Which of it, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// Also if it is not time yet.
    pub(crate) memory: bool,
    /// The same.
    pub(crate) ledger: bool,
}

impl SdkWriter {
    /// Takes from the writer what is to be written.
    pub(crate) fn saves(&mut self, sdk: Sdk, due: Due) -> Option<Saves> {
        let Files::Open(folder) = &mut self.files else { return None };
        let memory = folder.take_memory(due.memory);
        // After `off` in another process nothing is written any more.
        if self.reload_consent(sdk) {
            return None;
        }
        let Files::Open(folder) = &self.files else { return None };
        let ledger = Some(Arc::clone(folder.dir()));
        Some(Saves { memory, ledger, ledger_writer: self.ledger_writer() })
    }
}

impl Saves {
    /// Writes it; answers when to look at the ledger again. With `longest` a turn is given up after that time.
    pub(crate) fn write(self, sdk: Sdk, due: Due, longest: Option<Duration>) -> Option<Instant> {
        let Self { memory, ledger, ledger_writer } = self;
        let Some(mut ledger_writer) = turn(&ledger_writer, longest) else {
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
        ledger.and_then(|dir| ledger_writer.save(sdk, &dir, due.ledger, false))
    }
}

/// What was taken from the writer could not be written.
fn keep_for_next_save(sdk: Sdk, longest: Option<Duration>) {
    if let Some(mut writer) = writer::within(sdk, longest.unwrap_or_default())
        && let Files::Open(folder) = &mut writer.files
    {
        folder.keep_for_next_save();
    }
}

/// The ledger on disk, for who may wait for it.
pub(crate) fn lock(ledger_writer: &Mutex<LedgerWriter>) -> MutexGuard<'_, LedgerWriter> {
    ledger_writer.lock().unwrap_or_else(PoisonError::into_inner)
}

fn turn(ledger_writer: &Mutex<LedgerWriter>, longest: Option<Duration>) -> Option<MutexGuard<'_, LedgerWriter>> {
    let Some(longest) = longest else { return Some(lock(ledger_writer)) };
    let begun = Instant::now();
    loop {
        match ledger_writer.try_lock() {
            Ok(ledger_writer) => return Some(ledger_writer),
            Err(TryLockError::Poisoned(ledger_writer)) => return Some(ledger_writer.into_inner()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < longest => thread::sleep(APPEND_POLL),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}
