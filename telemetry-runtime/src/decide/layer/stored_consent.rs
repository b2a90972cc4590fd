//! Layer 10: what the user decided.

use crate::decide::{
    consent::Consent,
    facts::{FileFacts, StoredConsent},
    layer::{Answer, Layer, LayerDecision, Verdict},
};

/// What is found where the user said yes.
const YES: &str = "on";

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    let (verdict, value, source) = match facts.consent {
        StoredConsent::NoFolder(reason) => (Verdict::Off, "no folder to keep a decision in", reason.as_str()),
        StoredConsent::Unreadable(reason) => (Verdict::Off, "cannot be read", reason.as_str()),
        StoredConsent::Undecided => (Verdict::Allows, "undecided", "consent.json"),
        StoredConsent::Decided(Consent::On) => (Verdict::Allows, YES, "consent.json"),
        StoredConsent::Decided(Consent::Local) => (Verdict::Local, "local", "consent.json"),
        StoredConsent::Decided(Consent::Off) => (Verdict::Off, "off", "consent.json"),
    };
    Answer::new(verdict, value, source)
}

/// Whether this is the user's yes.
pub(crate) fn says_yes(layer: &LayerDecision) -> bool {
    layer.is_of(Layer::StoredConsent) && layer.value == YES
}
