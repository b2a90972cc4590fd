//! What an event carries beside its payload and its time, as it was set when the event was recorded.

use crate::declare::{instance::PublishableKey, wrapper::Wrapper};

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
