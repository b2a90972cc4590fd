//! What an event carries beside its payload and its time, as it was set when the event was recorded.

use telemetry_schema::number;

use crate::{
    gate::Actor,
    meta::{self, EventMeta},
    options::{PublishableKey, Wrapper},
    sdk::{Sdk, Settings},
};

/// One state of the settings, as far as events carry it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Configuration {
    pub(crate) instance: Option<PublishableKey>,
    pub(crate) wrapper: Option<Wrapper>,
    /// The host's sampling rate.
    rate: Option<f64>,
    pub(crate) actor: Actor,
}

impl Configuration {
    /// What the settings say now. Asks the system whether standard error is a terminal.
    pub(crate) fn of(settings: &Settings) -> Self {
        let actor = settings.env.as_ref().map_or(Actor::Unknown, |env| {
            Actor::of(&env.surroundings, std::io::IsTerminal::is_terminal(&std::io::stderr()))
        });
        let options = &settings.options;
        // A rate that is no number compares with nothing, and a share of it is none.
        let rate = options.sampling_rate.map(|rate| if rate.is_nan() { 0.0 } else { rate });
        Self { instance: options.instance.clone(), wrapper: options.wrapper, rate, actor }
    }

    /// The smallest of the rates of the event, its SDK and the host.
    pub(crate) fn rate(&self, meta: &EventMeta) -> f64 {
        meta.sample.min(meta.sdk.info.sample).min(self.rate.unwrap_or(1.0)).clamp(0.0, 1.0)
    }

    /// The rate that applies, if it is below 1.
    pub(crate) fn reduced_rate(&self, meta: &EventMeta) -> Option<String> {
        let rate = self.rate(meta);
        (rate < 1.0).then(|| number::float(rate))
    }

    /// The share of draws at which the SDK records at all.
    pub(crate) fn threshold(&self, sdk: Sdk) -> u64 {
        meta::threshold(sdk.info.sample.min(self.rate.unwrap_or(1.0)))
    }
}
