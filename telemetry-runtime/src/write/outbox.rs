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

fn is_in(ready: &[Sdk], sdk: Sdk) -> bool {
    ready.iter().any(|other| std::ptr::eq(other.info, sdk.info))
}

/// An SDK has something to send.
pub(crate) fn put(sdk: Sdk) {
    let mut ready = ready();
    if !is_in(&ready, sdk) {
        ready.push(sdk);
    }
}

/// Whether an SDK has something to send that was not passed on yet.
pub(crate) fn holds(sdk: Sdk) -> bool {
    is_in(&ready(), sdk)
}

/// All that have something to send.
pub(crate) fn take() -> Vec<Sdk> {
    mem::take(&mut *ready())
}
