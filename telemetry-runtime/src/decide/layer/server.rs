//! Layer 9: the server may ask a version to stop.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{Answer, Verdict},
};

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    if facts.gone {
        Answer::new(Verdict::Off, Finding::ServerStopped, facts.sdk.endpoint)
    } else {
        Answer::new(Verdict::Allows, Finding::ServerSilent, "memory.json")
    }
}
