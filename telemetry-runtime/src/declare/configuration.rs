//! What an event carries beside its payload and its time, as it was set when the event was recorded.

use telemetry_schema::number;

use crate::declare::{
    instance::PublishableKey,
    meta::{self, EventMeta},
    sdk::Sdk,
    wrapper::Wrapper,
};

/// Who runs the program, as extended envelopes carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Human,
    Ci,
    Agent,
    Unknown,
}

impl Actor {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Ci => "ci",
            Self::Agent => "agent",
            Self::Unknown => "unknown",
        }
    }
}

/// One state of the settings, as far as events carry it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Configuration {
    pub(crate) instance: Option<PublishableKey>,
    pub(crate) wrapper: Option<Wrapper>,
    /// The host's sampling rate.
    pub(crate) rate: Option<f64>,
    pub(crate) actor: Actor,
}

impl Configuration {
    /// The smallest of the rates of the event, its SDK and the host.
    pub(crate) fn rate(&self, meta: &EventMeta) -> f64 {
        meta.sample.min(meta.sdk.info.sample).min(self.rate.unwrap_or(1.0)).clamp(0.0, 1.0)
    }

    /// The rate that applies, if it is below 1.
    pub(crate) fn reduced_rate(&self, meta: &EventMeta) -> Option<String> {
        let rate = self.rate(meta);
        (rate < 1.0).then(|| number::float(rate))
    }

    /// The share of sample rolls at which the SDK records at all.
    pub(crate) fn threshold(&self, sdk: Sdk) -> u64 {
        meta::threshold(sdk.info.sample.min(self.rate.unwrap_or(1.0)))
    }
}
