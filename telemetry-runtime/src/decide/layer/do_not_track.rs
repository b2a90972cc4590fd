//! Layer 3: `DO_NOT_TRACK`; in a page what the browser says for its user.

use crate::decide::{
    facts::MemoryFacts,
    layer::{AskedFor, variables},
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    variables::first_signal(&facts.environment.do_not_track)
}
