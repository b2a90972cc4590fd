//! Turns one SDK off, and discards what this process holds of it.

use crate::{
    base::process::Inside,
    decide::settings,
    declare::sdk::{Mode, Sdk},
    write::{worker, writer},
};

/// Makes a veto take effect for one SDK.
pub(crate) fn apply(sdk: Sdk) {
    let _inside = Inside::enter();
    switch_off(sdk);
    discard(sdk);
}

/// Turns one SDK off. Under the settings' lock: a decision that another thread is making at this moment comes before it.
pub(crate) fn switch_off(sdk: Sdk) {
    let settings = settings::of(sdk);
    sdk.state.set_mode(Mode::Off);
    drop(settings);
}

/// Discards what this process queued or spooled for one SDK. Does nothing where nothing was ever recorded.
pub(crate) fn discard(sdk: Sdk) {
    worker::discard_queued(sdk);
    writer::of(sdk).discard(sdk);
}
