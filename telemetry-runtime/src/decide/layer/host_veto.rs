//! Layer 2: the host's veto.

use crate::decide::{
    facts::MemoryFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    if facts.vetoed {
        A::new(Verdict::Off, &Finding::Vetoed, "veto_all()")
    } else if facts.shut_down {
        A::new(Verdict::Off, &Finding::ShutDown, "shutdown()")
    } else if facts.refused {
        A::new(Verdict::Off, &Finding::UnstoredDecision, "set_consent()")
    } else if facts.options.enabled == Some(false) {
        A::new(Verdict::Off, &Finding::Disabled, "Options::enabled(false)")
    } else {
        A::new(Verdict::Allows, &Finding::NoVeto, "host")
    }
}
