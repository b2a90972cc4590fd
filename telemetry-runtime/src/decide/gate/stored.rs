//! Layers 9, 10 and 11: what the server, the user and the author said.

use telemetry_schema::DefaultConsent;

use crate::{
    decide::{
        consent::Consent,
        layer::{Layer, Verdict},
    },
    declare::sdk::Sdk,
};

/// What the state folder holds that the gate wants to know.
#[derive(Debug, Clone)]
pub(crate) enum StoredConsent {
    /// There is no folder to keep a decision in.
    NoFolder(String),
    /// A decision exists but cannot be read.
    Unreadable(String),
    /// The user decided nothing.
    Undecided,
    /// The user decided.
    Decided(Consent),
}

/// What layers 9 to 11 say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoredDecision {
    /// Collect and send.
    On,
    /// Collect, do not send.
    Local,
    /// Neither.
    Off,
}

/// Asks layers 9, 10 and 11. `gone` says whether the server stopped this version.
pub(crate) fn decide(sdk: Sdk, gone: bool, stored: &StoredConsent) -> (StoredDecision, Vec<Layer>) {
    let mut layers = Vec::with_capacity(3);
    layers.push(if gone {
        Layer::new(9, "server", Verdict::Off, "answered 410: stop", sdk.info.endpoint)
    } else {
        Layer::new(9, "server", Verdict::Allows, "has not asked to stop", "memory.json")
    });
    let stored_layer = |verdict, value: &str, source: &str| Layer::new(10, "stored consent", verdict, value, source);
    let (verdict, layer) = match stored {
        StoredConsent::NoFolder(reason) => {
            (Some(StoredDecision::Off), stored_layer(Verdict::Off, "no folder to keep a decision in", reason))
        }
        StoredConsent::Unreadable(reason) => {
            (Some(StoredDecision::Off), stored_layer(Verdict::Off, "cannot be read", reason))
        }
        StoredConsent::Undecided => (None, stored_layer(Verdict::Allows, "undecided", "consent.json")),
        StoredConsent::Decided(Consent::On) => {
            (Some(StoredDecision::On), stored_layer(Verdict::Allows, "on", "consent.json"))
        }
        StoredConsent::Decided(Consent::Local) => {
            (Some(StoredDecision::Local), stored_layer(Verdict::Local, "local", "consent.json"))
        }
        StoredConsent::Decided(Consent::Off) => {
            (Some(StoredDecision::Off), stored_layer(Verdict::Off, "off", "consent.json"))
        }
    };
    layers.push(layer);
    let default_layer = |verdict, value| Layer::new(11, "default", verdict, value, "sdk!");
    let decision = match (verdict, sdk.info.default) {
        (Some(decision), _) => {
            layers.push(default_layer(Verdict::Allows, "not asked: the layer above decides"));
            decision
        }
        (None, DefaultConsent::On) => {
            layers.push(default_layer(Verdict::Allows, "on"));
            StoredDecision::On
        }
        (None, DefaultConsent::Off) => {
            layers.push(default_layer(Verdict::Off, "off: opt-in"));
            StoredDecision::Off
        }
    };
    (if gone { StoredDecision::Off } else { decision }, layers)
}
