//! Layer 4: the variables of the SDK that turn it off.

use std::ffi::OsString;

use crate::{
    base::environment::{SOURCE, is_signal, text_of},
    decide::{
        facts::MemoryFacts,
        finding::Finding,
        layer::{Answer, Verdict},
    },
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    first_signal(&facts.environment.disabling)
}

/// The answer to variables of which each turns telemetry off.
pub(super) fn first_signal(variables: &[(String, Option<OsString>)]) -> Answer {
    if variables.is_empty() {
        return Answer::new(Verdict::Allows, Finding::NoVariables, SOURCE);
    }
    let mut names = String::new();
    for (name, value) in variables {
        match value.as_ref().filter(|value| is_signal(value)) {
            Some(value) => {
                return Answer::new(
                    Verdict::Off,
                    Finding::VariableSet { name: name.clone(), value: text_of(value) },
                    SOURCE,
                );
            }
            None => {
                names.push_str(if names.is_empty() { "" } else { ", " });
                names.push_str(name);
            }
        }
    }
    Answer::new(Verdict::Allows, Finding::VariablesUnset { names }, SOURCE)
}
