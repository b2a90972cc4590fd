//! Layer 4: the variables of the SDK that turn it off.

use std::ffi::OsStr;

use crate::{
    base::environment::is_signal,
    decide::{
        facts::MemoryFacts,
        finding::Finding,
        layer::{Answer, Verdict},
    },
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    let variables = &facts.environment.disabling;
    first_signal(variables.iter().map(|(name, value)| (name.as_str(), value.as_deref())))
}

/// The answer to variables of which each turns telemetry off.
pub(super) fn first_signal<'a>(variables: impl IntoIterator<Item = (&'a str, Option<&'a OsStr>)>) -> Answer {
    let mut unset = Vec::new();
    for (name, value) in variables {
        match value.filter(|value| is_signal(value)) {
            Some(value) => {
                return Answer::new(
                    Verdict::Off,
                    Finding::VariableSet { name: name.to_owned(), value: value.to_string_lossy().into_owned() },
                    "environment",
                );
            }
            None => unset.push(name),
        }
    }
    Answer::new(Verdict::Allows, Finding::VariablesUnset { names: unset.join(", ") }, "environment")
}
