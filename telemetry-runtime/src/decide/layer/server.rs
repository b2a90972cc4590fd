//! Layer 9: the server may ask a version to stop.

use crate::decide::{
    facts::FileFacts,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    if facts.gone {
        Answer::new(Verdict::Off, "answered 410: stop", facts.sdk.endpoint)
    } else {
        Answer::new(Verdict::Allows, "has not asked to stop", "memory.json")
    }
}
