//! The configuration of events, made from the settings.

use std::{
    io::{self, IsTerminal as _},
    sync::{Arc, atomic::Ordering},
};

use crate::{
    base::environment::Surroundings,
    decide::settings::{self, Settings},
    declare::{
        configuration::{Actor, Configuration},
        sdk::Sdk,
    },
    record::waiting,
};

/// What the settings say now. Asks the system whether standard error is a terminal.
fn from_settings(sdk: Sdk, settings: &Settings) -> Configuration {
    let actor = settings
        .environment
        .as_ref()
        .map_or(Actor::Unknown, |environment| actor(&environment.surroundings, io::stderr().is_terminal()));
    let options = &settings.options;
    // A rate that is no number compares with nothing, and a share of it is none.
    let rate = options.sampling_rate.map(|rate| if rate.is_nan() { 0.0 } else { rate });
    // A key without a meaning goes nowhere.
    let instance = options.instance.clone().filter(|_| sdk.info.has_instances());
    Configuration { instance, wrapper: options.wrapper, rate, actor }
}

/// Who runs the program; `terminal` says whether somebody watches one.
fn actor(surroundings: &Surroundings, terminal: bool) -> Actor {
    if surroundings.is_ci() {
        Actor::Ci
    } else if surroundings.agent {
        Actor::Agent
    } else if terminal {
        Actor::Human
    } else {
        Actor::Unknown
    }
}

/// The configuration of an event that is recorded now, where a lock may be taken.
pub(crate) fn now(sdk: Sdk) -> Arc<Configuration> {
    let table = &sdk.state.configuration;
    table.get(table.current()).unwrap_or_else(|| Arc::new(from_settings(sdk, &settings::of(sdk))))
}

/// Makes what the settings say the configuration of all events that are recorded from now on.
pub(crate) fn set(sdk: Sdk, settings: &Settings) {
    let configuration = from_settings(sdk, settings);
    sdk.state.threshold.store(sdk.threshold(&configuration), Ordering::Relaxed);
    sdk.state.configuration.set(configuration, waiting::reach);
}
