//! Asks the gate, and stores its answer where callers look.

use crate::{
    decide::{gate, settings},
    declare::sdk::{Mode, Sdk},
    record::{configurations, debug},
};

/// Decides from memory and environment and stores the answer where callers look.
///
/// Called by the first event of an SDK and after every change of a setting.
pub(crate) fn decide(sdk: Sdk) -> Mode {
    let mut settings = settings::of(sdk);
    let decision = gate::decide_in_memory(sdk, &mut settings);
    let mode = decision.mode();
    if mode != Mode::Off {
        // Before the mode says so: an event that finds it on finds what it carries. What is off changes nothing, so that no
        // event of the moment before carries, say, the production key that ended it.
        configurations::set(sdk, &settings);
    }
    // The files were read already in this process: what they said stays until a `reload_environment` or a change asks again.
    let current = sdk.state.resting_mode();
    let mode = match (mode, current) {
        (Mode::Pending, Mode::On | Mode::AwaitingNotice) => current,
        _ => mode,
    };
    sdk.state.set_mode(mode);
    drop(settings);
    if decision.debug && current == Mode::Undecided {
        debug::announce(sdk, &decision);
    }
    mode
}
