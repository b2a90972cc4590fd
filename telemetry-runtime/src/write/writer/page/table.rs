//! The writer of each SDK; a page has one thread, and no code of ours calls the browser in a way that comes back here while one is held. A host
//! that has replaced a function of the browser may: `flush` and `preview` look, and so does every event.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use crate::{
    base::process,
    declare::{per_sdk::PerSdk, sdk::Sdk},
    write::writer::SdkWriter,
};

static WRITERS: PerSdk<Mutex<SdkWriter>> =
    PerSdk::new(|| Mutex::new(SdkWriter::new()), |_| Mutex::new(SdkWriter::new()));

/// The writer of an SDK.
pub(crate) fn of(sdk: Sdk) -> MutexGuard<'static, SdkWriter> {
    process::lock(WRITERS.of(sdk))
}

/// The writer, which is always free.
pub(crate) fn within(sdk: Sdk, _longest: Duration) -> Option<MutexGuard<'static, SdkWriter>> {
    WRITERS.of(sdk).try_lock().ok()
}

/// Applies a decision that another page has stored.
pub(crate) fn look_for_decisions(sdk: Sdk) {
    if let Ok(mut writer) = WRITERS.of(sdk).try_lock() {
        writer.reload_consent(sdk);
    }
}
