//! Layer 5: the policy of the machine's administrator, one file for every SDK.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{Answer, Verdict},
    policy,
};

pub(super) fn ask(facts: &FileFacts<'_>) -> Answer {
    let policies = facts.policies;
    policy::strictest(&policies.machine, facts.sdk.name).unwrap_or_else(|| {
        Answer::new(Verdict::Allows, Finding::NoPolicy { what: "policy" }, policies.machine_path.as_str())
    })
}
