//! Asks the gate, and stores its answer where callers look.

use crate::{
    base::{ended, environment::Environment},
    decide::{
        facts::MemoryFacts,
        gate::{self, MemoryDecision},
        loopback,
        settings::{self, Settings},
    },
    declare::sdk::{Mode, Sdk},
    record::{configurations, debug},
};

/// Decides from memory and environment and stores the answer where callers look.
///
/// Called by the first event of an SDK and after every change of a setting.
pub(crate) fn decide(sdk: Sdk) -> Mode {
    let mut settings = settings::of(sdk);
    let decision = ask(sdk, &mut settings);
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
    let ignored = settings.options.ignored(sdk.info);
    drop(settings);
    if decision.debug && current == Mode::Undecided {
        debug::announce(sdk, &decision, &ignored);
    }
    mode
}

/// Asks the layers that need no file.
pub(crate) fn ask(sdk: Sdk, settings: &mut Settings) -> MemoryDecision {
    let environment = environment(sdk, settings).clone();
    gate::decide_in_memory(&MemoryFacts {
        sdk: sdk.info,
        options: &settings.options,
        environment: &environment,
        vetoed: telemetry_veto::is_vetoed(),
        shut_down: ended::is_shut_down(),
        refused: settings.refused,
        allow_release: settings.allow_release,
        delivers: settings.delivers,
    })
}

/// What the environment said when it was first read.
fn environment(sdk: Sdk, settings: &mut Settings) -> &Environment {
    settings.environment.get_or_insert_with(|| Environment::read(sdk.info.env, sdk.info.env_aliases))
}

/// The variable that keeps everything of `sdk` here, because it should name a proxy and does not.
pub(crate) fn malformed_proxy(sdk: Sdk) -> Option<&'static str> {
    if sdk.info.transport.is_some() || loopback::is_loopback(sdk.info.endpoint) {
        return None; // No proxy has anything to do with it.
    }
    environment(sdk, &mut settings::of(sdk)).malformed_proxy
}
