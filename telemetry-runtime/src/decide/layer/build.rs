//! Layer 1: SDKs that report from official builds only; and in a page, SDKs that are not declared for pages.

use crate::decide::{
    facts::MemoryFacts,
    finding::Finding,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    if facts.environment.is_page() && !facts.sdk.browser {
        return Answer::new(Verdict::Off, Finding::NotForPages, "sdk!");
    }
    match facts.sdk.official_build {
        Some((variable, false)) => {
            Answer::new(Verdict::Off, Finding::UnofficialBuild, format!("{variable} was not set at build time"))
        }
        Some((variable, true)) => {
            Answer::new(Verdict::Allows, Finding::OfficialBuild, format!("{variable} was set at build time"))
        }
        None => Answer::new(Verdict::Allows, Finding::CompiledIn, "cargo features"),
    }
}
