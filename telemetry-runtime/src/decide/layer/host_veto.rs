//! Layer 2: the host's veto.

use crate::decide::{
    facts::MemoryFacts,
    finding::Finding,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    if facts.vetoed {
        Answer::new(Verdict::Off, Finding::Vetoed, "veto_all()")
    } else if facts.shut_down {
        Answer::new(Verdict::Off, Finding::ShutDown, "shutdown()")
    } else if facts.refused {
        Answer::new(Verdict::Off, Finding::UnstoredDecision, "set_consent()")
    } else if facts.options.enabled == Some(false) {
        Answer::new(Verdict::Off, Finding::Disabled, "Options::enabled(false)")
    } else {
        Answer::new(Verdict::Allows, Finding::NoVeto, "host")
    }
}
