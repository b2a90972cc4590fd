//! Layer 3: `DO_NOT_TRACK`.

use crate::decide::{
    facts::MemoryFacts,
    layer::{Answer, variables},
};

/// The name of the variable.
pub(crate) const DO_NOT_TRACK: &str = "DO_NOT_TRACK";

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    variables::first_signal([(DO_NOT_TRACK, facts.environment.do_not_track.as_deref())])
}
