//! Layer 1: SDKs that report from official builds only.

use crate::decide::{
    facts::MemoryFacts,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    match facts.sdk.official_build {
        Some((variable, false)) => {
            Answer::new(Verdict::Off, "not an official build", format!("{variable} was not set at build time"))
        }
        Some((variable, true)) => {
            Answer::new(Verdict::Allows, "official build", format!("{variable} was set at build time"))
        }
        None => Answer::new(Verdict::Allows, "telemetry is compiled in", "cargo features"),
    }
}
