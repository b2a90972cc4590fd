//! Layer 2: the host's veto.

use crate::decide::{
    facts::MemoryFacts,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    if facts.vetoed {
        Answer::new(Verdict::Off, "vetoed", "veto_all()")
    } else if facts.shut_down {
        Answer::new(Verdict::Off, "shut down", "shutdown()")
    } else if facts.refused {
        Answer::new(Verdict::Off, "a decision that could not be stored", "set_consent()")
    } else if facts.options.enabled == Some(false) {
        Answer::new(Verdict::Off, "disabled", "Options::enabled(false)")
    } else {
        Answer::new(Verdict::Allows, "no veto", "host")
    }
}
