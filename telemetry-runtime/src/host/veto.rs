//! The host's veto: nothing is recorded or sent any more, and what this process holds is discarded.

use crate::{
    base::process::Inside,
    decide::settings,
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    record::mode,
    write::{silence, writer},
};

/// Vetoes the telemetry of every SDK in this process, until the process ends.
///
/// Events that this process has queued or spooled are discarded, and a request in flight is cancelled. It reaches every
/// version of this crate in the program; a plugin with a copy of its own is reached by variables and files only.
pub fn veto_all() {
    let _inside = Inside::enter();
    telemetry_veto::veto_all();
    for sdk in all_sdks() {
        silence::apply(sdk);
    }
}

/// Lets a library SDK report from this release build, as the host's decision.
pub fn allow_release(sdk: &Sdk) {
    let _inside = Inside::enter();
    drop(settings::change(*sdk, |settings| settings.allow_release = true));
    decide_again(*sdk);
}

/// Reads the environment again and asks every layer of the gate again, for every SDK.
pub fn reload_environment() {
    let _inside = Inside::enter();
    for sdk in all_sdks() {
        settings::of(sdk).environment = None;
        // Where nothing was decided, the first event will ask.
        if sdk.state.resting_mode() != Mode::Undecided {
            ask_anew(sdk);
        }
    }
}

fn ask_anew(sdk: Sdk) {
    writer::of(sdk).forget_files(sdk);
    sdk.state.set_mode(Mode::Undecided);
    mode::decide(sdk);
}

/// Asks every layer again where the user's decision was the reason to be off, and is a yes by now; and where it was made after the
/// folder that this process has open was removed, whether or not anybody here has seen that it is gone.
pub(crate) fn begin_again(sdk: Sdk) {
    let was_removed = writer::of(sdk).leave_removed_folder(sdk);
    if was_removed || sdk.state.resting_mode() == Mode::Off {
        ask_anew(sdk);
    }
}

/// Decides again after a setting changed; what the host switched off is discarded.
pub(crate) fn decide_again(sdk: Sdk) {
    let before = sdk.state.resting_mode();
    match before {
        Mode::Undecided => return, // The first event decides, with all settings in view.
        // What the state folder said may read differently now: the host has shown the notice, or lifted it.
        Mode::AwaitingNotice => {
            writer::of(sdk).forget_files(sdk);
            sdk.state.set_mode(Mode::Undecided);
        }
        _ => {}
    }
    if mode::decide(sdk) == Mode::Off && before != Mode::Off {
        silence::discard(sdk);
    }
}
