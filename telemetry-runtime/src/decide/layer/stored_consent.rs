//! Layer 10: what the user decided.

use crate::decide::{
    consent::Consent,
    facts::{FileFacts, StoredConsent},
    finding::Finding,
    layer::{AskedFor, LayerDecision, Verdict},
};

pub(super) fn ask<A: AskedFor>(facts: &FileFacts<'_>) -> A {
    let (verdict, value, source) = match facts.consent {
        StoredConsent::NoFolder(reason) => (Verdict::Off, &Finding::NoFolder, reason.as_str()),
        StoredConsent::Unreadable(reason) => (Verdict::Off, &Finding::ConsentUnreadable, reason.as_str()),
        StoredConsent::Undecided => (Verdict::Allows, &Finding::Undecided, "consent.json"),
        StoredConsent::Decided(Consent::On) => (Verdict::Allows, &Finding::UserOn, "consent.json"),
        StoredConsent::Decided(Consent::Local) => (Verdict::Local, &Finding::UserLocal, "consent.json"),
        StoredConsent::Decided(Consent::Off) => (Verdict::Off, &Finding::UserOff, "consent.json"),
    };
    A::new(verdict, value, source)
}

/// Whether this is the user's yes.
pub(crate) fn says_yes(layer: &LayerDecision) -> bool {
    layer.value == Finding::UserOn
}
