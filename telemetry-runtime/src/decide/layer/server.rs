//! Layer 9: the server may ask a version to stop.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
};

pub(super) fn ask<A: AskedFor>(facts: &FileFacts<'_>) -> A {
    if facts.gone {
        A::new(Verdict::Off, &Finding::ServerStopped, facts.sdk.endpoint)
    } else {
        A::new(Verdict::Allows, &Finding::ServerSilent, "memory.json")
    }
}
