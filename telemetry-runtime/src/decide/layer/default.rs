//! Layer 11: what the author chose for users who decided nothing. Browsers forget, so an `off` cannot be kept there as surely as on a
//! disk: in production a page asks first, whatever was chosen.

use telemetry_schema::DefaultConsent;

use crate::decide::{
    facts::{FileFacts, StoredConsent},
    finding::Finding,
    layer::{AskedFor, Verdict},
};

pub(super) fn ask<A: AskedFor>(facts: &FileFacts<'_>) -> A {
    let (verdict, value) = match (facts.consent, facts.sdk.default) {
        (StoredConsent::Undecided, DefaultConsent::On) if facts.opt_in => (Verdict::Off, &Finding::DefaultOptIn),
        (StoredConsent::Undecided, DefaultConsent::On) => (Verdict::Allows, &Finding::DefaultOn),
        (StoredConsent::Undecided, DefaultConsent::Off) => (Verdict::Off, &Finding::DefaultOff),
        (StoredConsent::NoFolder(_) | StoredConsent::Unreadable(_) | StoredConsent::Decided(_), _) => {
            (Verdict::Allows, &Finding::DefaultUnasked)
        }
    };
    A::new(verdict, value, "sdk!")
}
