//! Layer 1: SDKs that report from official builds only; and in a page, SDKs that are not declared for pages.

use crate::decide::{
    facts::MemoryFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    if facts.environment.is_page() && !facts.sdk.browser {
        return A::new(Verdict::Off, &Finding::NotForPages, "sdk!");
    }
    match facts.sdk.official_build {
        Some((variable, false)) => {
            A::with(Verdict::Off, || (Finding::UnofficialBuild, format!("{variable} was not set at build time")))
        }
        Some((variable, true)) => {
            A::with(Verdict::Allows, || (Finding::OfficialBuild, format!("{variable} was set at build time")))
        }
        None => A::new(Verdict::Allows, &Finding::CompiledIn, "cargo features"),
    }
}
