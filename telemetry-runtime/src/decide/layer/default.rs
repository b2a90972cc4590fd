//! Layer 11: what the author chose for users who decided nothing.

use telemetry_schema::DefaultConsent;

use crate::decide::{
    facts::{FileFacts, StoredConsent},
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    let (verdict, value) = match (facts.consent, facts.sdk.default) {
        (StoredConsent::Undecided, DefaultConsent::On) => (Verdict::Allows, "on"),
        (StoredConsent::Undecided, DefaultConsent::Off) => (Verdict::Off, "off: opt-in"),
        (StoredConsent::NoFolder(_) | StoredConsent::Unreadable(_) | StoredConsent::Decided(_), _) => {
            (Verdict::Allows, "not asked: the layer above decides")
        }
    };
    Answer::new(verdict, value, "sdk!")
}
