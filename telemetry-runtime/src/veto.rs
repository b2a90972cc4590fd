//! The host's veto: nothing is recorded or sent any more, and what this process holds is discarded.

use crate::{
    gate,
    meta::SdkRegistration,
    pipeline::{events, worker},
    process::Inside,
    sdk::{Mode, Sdk},
};

/// Vetoes the telemetry of every SDK in this process, until the process ends.
///
/// Events that this process has queued or spooled are discarded, and a request in flight is cancelled. It reaches every
/// version of this crate in the program; a plugin with a copy of its own is reached by variables and files only.
pub fn veto_all() {
    let _inside = Inside::enter();
    telemetry_veto::veto_all();
    for sdk in all_sdks() {
        apply(sdk);
    }
}

/// Lets a library SDK report from this release build, as the host's decision.
pub fn allow_release(sdk: &Sdk) {
    let _inside = Inside::enter();
    drop(sdk.state.change_settings(|settings| settings.allow_release = true));
    decide_again(*sdk);
}

/// Reads the environment again and asks every layer of the gate again, for every SDK.
pub fn recheck() {
    let _inside = Inside::enter();
    for sdk in all_sdks() {
        sdk.state.settings().env = None;
        if sdk.state.resting_mode() == Mode::Undecided {
            continue; // Nothing was decided; the first event will ask.
        }
        sdk.state.lane().forget_files(sdk);
        sdk.state.set_mode(Mode::Undecided);
        gate::decide(sdk);
    }
}

/// Makes a veto take effect for one SDK.
pub(crate) fn apply(sdk: Sdk) {
    let _inside = Inside::enter();
    switch_off(sdk);
    discard(sdk);
}

/// Turns one SDK off. Under the settings' lock: a decision that another thread is making at this moment comes before it.
pub(crate) fn switch_off(sdk: Sdk) {
    let settings = sdk.state.settings();
    sdk.state.set_mode(Mode::Off);
    drop(settings);
}

/// Decides again after a setting changed; what the host switched off is discarded.
pub(crate) fn decide_again(sdk: Sdk) {
    let before = sdk.state.resting_mode();
    match before {
        Mode::Undecided => return, // The first event decides, with all settings in view.
        // What the state folder said may read differently now: the host has shown the notice, or lifted it.
        Mode::Held => {
            sdk.state.lane().forget_files(sdk);
            sdk.state.set_mode(Mode::Undecided);
        }
        _ => {}
    }
    if gate::decide(sdk) == Mode::Off && before != Mode::Off {
        discard(sdk);
    }
}

/// Discards what this process queued or spooled for one SDK. Does nothing where nothing was ever recorded.
fn discard(sdk: Sdk) {
    worker::discard_queued(sdk);
    sdk.state.lane().discard(sdk);
}

/// Every SDK of this program: those that are registered, and those that were used where registration does not work.
pub(crate) fn all_sdks() -> Vec<Sdk> {
    let mut sdks: Vec<Sdk> =
        inventory::iter::<SdkRegistration>.into_iter().map(|registration| registration.0).collect();
    sdks.extend(events::used().into_iter().map(|meta| meta.sdk));
    sdks.sort_by_key(|sdk| std::ptr::from_ref(sdk.info));
    sdks.dedup_by_key(|sdk| std::ptr::from_ref(sdk.info));
    sdks
}
