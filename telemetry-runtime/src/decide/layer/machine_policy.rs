//! Layer 5: the policy of the machine's administrator, one file for every SDK.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
    policy,
};

pub(super) fn ask<A: AskedFor>(facts: &FileFacts<'_>) -> A {
    let policies = facts.policies;
    policy::strictest(&policies.machine, facts.sdk.name).map_or_else(
        || A::new(Verdict::Allows, &Finding::NoPolicy { what: "policy" }, &*policies.machine_path),
        A::from,
    )
}
