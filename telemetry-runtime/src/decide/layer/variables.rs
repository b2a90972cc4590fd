//! Layer 4: the variables of the SDK that turn it off.

use crate::{
    base::environment::{Name, SOURCE, Value, is_signal, name_of, text_of},
    decide::{
        facts::MemoryFacts,
        finding::Finding,
        layer::{AskedFor, Verdict},
    },
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    first_signal(&facts.environment.disabling)
}

/// The answer to variables of which each turns telemetry off.
pub(super) fn first_signal<A: AskedFor>(variables: &[(Name, Option<Value>)]) -> A {
    if variables.is_empty() {
        return A::new(Verdict::Allows, &Finding::NoVariables, SOURCE);
    }
    for (name, value) in variables {
        if let Some(value) = value.as_ref().filter(|value| is_signal(value)) {
            return A::with(Verdict::Off, || {
                (Finding::VariableSet { name: name_of(name), value: text_of(value) }, SOURCE.to_owned())
            });
        }
    }
    A::with(Verdict::Allows, || {
        let names: Vec<_> = variables.iter().map(|(name, _)| name_of(name)).collect();
        (Finding::VariablesUnset { names: names.join(", ") }, SOURCE.to_owned())
    })
}
