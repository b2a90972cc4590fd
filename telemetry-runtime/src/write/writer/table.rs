//! The lane of each SDK.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    declare::{per_sdk::PerSdk, sdk::Sdk},
    write::writer::Lane,
};

static LANES: PerSdk<Mutex<Lane>> = PerSdk::new(|| Mutex::new(Lane::new()), |_| Mutex::new(Lane::new()));

/// The lane of an SDK, whoever holds it now.
pub(crate) fn of(sdk: Sdk) -> MutexGuard<'static, Lane> {
    // The lane reopens what it cannot trust; a poisoned one must not silence the ledger.
    LANES.of(sdk).lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lane, if it comes free within `longest`.
pub(crate) fn within(sdk: Sdk, longest: Duration) -> Option<MutexGuard<'static, Lane>> {
    let start = Instant::now();
    loop {
        match LANES.of(sdk).try_lock() {
            Ok(lane) => return Some(lane),
            Err(TryLockError::Poisoned(lane)) => return Some(lane.into_inner()),
            Err(TryLockError::WouldBlock) if start.elapsed() < longest => thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}

/// Obeys a decision that another process has stored, unless the lane is busy.
pub(crate) fn look_for_decisions(sdk: Sdk) {
    if let Ok(mut lane) = LANES.of(sdk).try_lock() {
        lane.obey_other_processes(sdk);
    }
}
