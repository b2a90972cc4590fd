//! Layer 7: continuous integration, build sandboxes, test runs, programs with raised rights, and root in another user's
//! home.
//!
//! All of it is best effort and read from variables and the program's own name; the signals are listed in
//! `docs/gate.md`. A missed signal costs the vendor a wrong number, a false one costs the vendor an event: neither costs
//! the user anything, because the layer can only reduce.

use telemetry_schema::Environment;

use crate::decide::{
    facts::MemoryFacts,
    layer::{Answer, Verdict},
    loopback,
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    let surroundings = &facts.environment.surroundings;
    // Nothing lifts these two: what would be written, and where, is not this user's to say.
    if let Some(source) = surroundings.raised {
        return Answer::new(Verdict::Off, "a program with rights that its user does not have", source);
    }
    if let Some(variable) = surroundings.elevated {
        return Answer::new(Verdict::Off, "root in another user's home", variable);
    }
    if loopback::lifts(facts.sdk, facts.options) {
        return Answer::new(Verdict::Allows, "lifted", "Options::loopback");
    }
    let signals = [
        (&surroundings.ci, Environment::Ci, "continuous integration"),
        (&surroundings.build, Environment::Ci, "package build"),
        (&surroundings.test, Environment::Test, "test run"),
    ];
    for (signal, environment, name) in signals {
        if let Some(signal) = signal
            && !facts.sdk.environments.contains(&environment)
        {
            return Answer::new(Verdict::Off, name, signal);
        }
    }
    Answer::new(Verdict::Allows, "neither CI, nor a package build, nor a test run", "environment")
}
