//! Layer 7: continuous integration, build sandboxes, test runs, programs with raised rights, and root in another user's
//! home.
//!
//! All of it is best effort and read from variables and the program's own name; the signals are listed in
//! `docs/gate.md`. A missed signal costs the vendor a wrong number, a false one costs the vendor an event: neither costs
//! the user anything, because the layer can only reduce.

use telemetry_schema::Environment;

use crate::{
    base::environment::SOURCE,
    decide::{
        facts::MemoryFacts,
        finding::Finding,
        layer::{Answer, Verdict},
        loopback,
    },
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    let surroundings = &facts.environment.surroundings;
    // Nothing lifts these: what would be written, and where, is not this user's to say.
    if let Some(source) = surroundings.raised {
        return Answer::new(Verdict::Off, Finding::RaisedRights, source);
    }
    if let Some(variable) = surroundings.elevated {
        return Answer::new(Verdict::Off, Finding::OthersHome, variable);
    }
    if let Some(what) = surroundings.no_page {
        return Answer::new(Verdict::Off, Finding::NoPage, what);
    }
    if loopback::lifts(facts.sdk, facts.options) {
        return Answer::new(Verdict::Allows, Finding::Lifted, "Options::loopback");
    }
    let signals = [
        (&surroundings.ci, Environment::Ci, Finding::Ci),
        (&surroundings.build, Environment::Ci, Finding::PackageBuild),
        (&surroundings.test, Environment::Test, Finding::TestRun),
    ];
    for (signal, environment, found) in signals {
        if let Some(signal) = signal
            && !facts.sdk.environments.contains(&environment)
        {
            return Answer::new(Verdict::Off, found, signal.as_str());
        }
    }
    Answer::new(Verdict::Allows, Finding::OrdinaryPlace, SOURCE)
}
