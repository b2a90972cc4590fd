//! Asks the gate, and stores its answer where callers look.

use std::sync::MutexGuard;

use crate::{
    base::{ended, environment::Environment, needs},
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
    let (mode, is_debug) = {
        let facts = facts(sdk, &mut settings);
        (gate::mode(&facts), gate::is_debug(&facts))
    };
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
    if is_debug
        && current == Mode::Undecided
        && let Some(announce) = needed()
    {
        announce(sdk, settings);
    }
    mode
}

needs::part!(fn(Sdk, MutexGuard<'static, Settings>) = |sdk, mut settings| {
    let (decision, ignored) = (ask(sdk, &mut settings), settings.options.ignored(sdk.info));
    drop(settings);
    debug::announce(sdk, &decision, &ignored);
});

/// What the layers say that need no file, and why.
pub(crate) fn ask(sdk: Sdk, settings: &mut Settings) -> MemoryDecision {
    gate::decide_in_memory(&facts(sdk, settings))
}

/// What is known without a file.
fn facts(sdk: Sdk, settings: &mut Settings) -> MemoryFacts<'_> {
    let Settings { options, environment, allow_release, delivers, refused } = settings;
    MemoryFacts {
        sdk: sdk.info,
        options,
        environment: environment.get_or_insert_with(|| read(sdk)),
        vetoed: telemetry_veto::is_vetoed(),
        shut_down: ended::is_shut_down(),
        refused: *refused,
        allow_release: *allow_release,
        delivers: *delivers,
    }
}

fn read(sdk: Sdk) -> Environment {
    Environment::read(sdk.info.env, sdk.info.env_aliases)
}

/// The variable that keeps everything of `sdk` here, because it should name a proxy and does not.
pub(crate) fn malformed_proxy(sdk: Sdk) -> Option<&'static str> {
    if sdk.info.transport.is_some() || loopback::is_loopback(sdk.info.endpoint) {
        return None; // No proxy has anything to do with it.
    }
    settings::of(sdk).environment.get_or_insert_with(|| read(sdk)).malformed_proxy
}
