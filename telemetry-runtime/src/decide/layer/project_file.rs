//! Layer 6: the policy of the project in which the program runs. Of several files on the way up the strictest holds.

use crate::decide::{
    facts::FileFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
    policy,
};

pub(super) fn ask<A: AskedFor>(facts: &FileFacts<'_>) -> A {
    policy::strictest(&facts.policies.project, facts.sdk.name).map_or_else(
        || A::new(Verdict::Allows, &Finding::NoPolicy { what: ".telemetry.toml" }, "working directory"),
        A::from,
    )
}
