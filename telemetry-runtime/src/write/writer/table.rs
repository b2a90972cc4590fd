//! The writer of each SDK.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    declare::{per_sdk::PerSdk, sdk::Sdk},
    write::writer::SdkWriter,
};

static WRITERS: PerSdk<Mutex<SdkWriter>> =
    PerSdk::new(|| Mutex::new(SdkWriter::new()), |_| Mutex::new(SdkWriter::new()));

/// The writer of an SDK, whoever holds it now.
pub(crate) fn of(sdk: Sdk) -> MutexGuard<'static, SdkWriter> {
    // The writer reopens what it cannot trust; a poisoned one must not silence the ledger.
    WRITERS.of(sdk).lock().unwrap_or_else(PoisonError::into_inner)
}

/// The writer, if it comes free within `longest`.
pub(crate) fn within(sdk: Sdk, longest: Duration) -> Option<MutexGuard<'static, SdkWriter>> {
    let start = Instant::now();
    loop {
        match WRITERS.of(sdk).try_lock() {
            Ok(writer) => return Some(writer),
            Err(TryLockError::Poisoned(writer)) => return Some(writer.into_inner()),
            Err(TryLockError::WouldBlock) if start.elapsed() < longest => thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}

/// Applies a decision that another process has stored, unless the writer is busy.
pub(crate) fn look_for_decisions(sdk: Sdk) {
    if let Ok(mut writer) = WRITERS.of(sdk).try_lock() {
        writer.reload_consent(sdk);
    }
}
