//! Layer 6: the policy of the project in which the program runs. Of several files on the way up the strictest holds.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{Answer, Verdict},
    policy,
};

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    policy::strictest(&facts.policies.project, facts.sdk.name).unwrap_or_else(|| {
        Answer::new(Verdict::Allows, Finding::NoPolicy { what: ".telemetry.toml" }, "working directory")
    })
}
