//! The SDKs that have something to send, until the worker passes them on.

use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{base::process::PerProcess, declare::sdk::Sdk};

static READY: PerProcess<Mutex<Vec<Sdk>>> = PerProcess::new(Mutex::new(Vec::new()), |_| Mutex::new(Vec::new()));

fn ready() -> MutexGuard<'static, Vec<Sdk>> {
    READY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An SDK has something to send.
pub(crate) fn put(sdk: Sdk) {
    let mut ready = ready();
    if !ready.iter().any(|other| std::ptr::eq(other.info, sdk.info)) {
        ready.push(sdk);
    }
}

/// All that have something to send.
pub(crate) fn take() -> Vec<Sdk> {
    mem::take(&mut *ready())
}
