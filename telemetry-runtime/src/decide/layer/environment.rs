//! Layer 7: continuous integration, build sandboxes, test runs, programs with raised rights, and root in another user's
//! home.
//!
//! All of it is best effort and read from variables and the program's own name; the signals are listed in
//! `docs/gate.md`. A missed signal costs the vendor a wrong number, a false one costs the vendor an event: neither costs
//! the user anything, because the layer can only reduce.

use telemetry_schema::Environment;

use crate::{
    base::environment::{Name, SOURCE, name_of},
    decide::{
        facts::MemoryFacts,
        finding::Finding,
        layer::{AskedFor, Verdict},
        loopback,
    },
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    let surroundings = &facts.environment.surroundings;
    // Nothing lifts these: what would be written, and where, is not this user's to say.
    if let Some(source) = surroundings.raised {
        return A::new(Verdict::Off, &Finding::RaisedRights, source);
    }
    if let Some(variable) = surroundings.elevated {
        return A::new(Verdict::Off, &Finding::OthersHome, variable);
    }
    if let Some(what) = &surroundings.no_page {
        return A::with(Verdict::Off, || (Finding::NoPage, name_of(what)));
    }
    if loopback::lifts(facts.sdk, facts.options) {
        return A::new(Verdict::Allows, &Finding::Lifted, "Options::loopback");
    }
    // What the SDK's author counts as an ordinary place is one.
    let says = |signal: &Option<Name>, environment: Environment, found: fn() -> Finding| {
        let signal = signal.as_ref().filter(|_| !facts.sdk.environments.contains(&environment))?;
        Some(A::with(Verdict::Off, || (found(), name_of(signal))))
    };
    let answer = says(&surroundings.ci, Environment::Ci, || Finding::Ci)
        .or_else(|| says(&surroundings.build, Environment::Ci, || Finding::PackageBuild))
        .or_else(|| says(&surroundings.test, Environment::Test, || Finding::TestRun));
    answer.unwrap_or_else(|| A::new(Verdict::Allows, &Finding::OrdinaryPlace, SOURCE))
}
