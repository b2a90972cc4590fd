//! Which target of the package is built.

use std::fmt;

use super::{Library, Package};
use crate::{arguments::Source, failure::Failure};

/// What is built of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This binary.
    Binary(String),
    /// This example.
    Example(String),
    /// The library, united with those that share its SDK.
    Library,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary(name) => write!(f, "binary `{name}`"),
            Self::Example(name) => write!(f, "example `{name}`"),
            Self::Library => f.write_str("library"),
        }
    }
}

/// What is named is taken; else the only binary, the default one, or the library of a package without binaries.
pub(super) fn choose(source: &Source, package: &Package) -> Result<Choice, Failure> {
    let unknown = |kind: &str, name: &str, known: &[String]| {
        let failure = Failure::usage(format!("`{}` has no {kind} `{name}`", package.name));
        if known.is_empty() { failure } else { failure.with_hint(format!("it has {}", quoted(known))) }
    };
    if let Some(name) = &source.bin {
        let known = package.bins.contains(name);
        return if known { Ok(Choice::Binary(name.clone())) } else { Err(unknown("binary", name, &package.bins)) };
    }
    if let Some(name) = &source.example {
        let known = package.examples.contains(name);
        return if known {
            Ok(Choice::Example(name.clone()))
        } else {
            Err(unknown("example", name, &package.examples))
        };
    }
    let library = match package.library {
        Some(Library::Linked) => Some(Choice::Library),
        Some(Library::ProcMacro) if source.lib || package.bins.is_empty() => {
            return Err(Failure::usage(format!("`{}` is a procedural macro, which records nothing", package.name))
                .with_hint("the events are in the crates that use it: name one of those"));
        }
        Some(Library::ProcMacro) | None => None,
    };
    if source.lib {
        return library.ok_or_else(|| Failure::usage(format!("`{}` has no library", package.name)));
    }
    match (package.bins.as_slice(), &package.default_run, library) {
        ([only], _, _) => Ok(Choice::Binary(only.clone())),
        ([], _, Some(library)) => Ok(library),
        ([], _, None) => Err(Failure::usage(format!("`{}` has neither a binary nor a library", package.name))
            .with_hint("name an example with `--example NAME`")),
        (_, Some(default), _) => Ok(Choice::Binary(default.clone())),
        (several, None, library) => {
            let or_library = if library.is_some() { ", or `--lib`" } else { "" };
            Err(Failure::usage(format!("`{}` has several binaries", package.name))
                .with_hint(format!("name one with `--bin NAME`: {}{or_library}", quoted(several))))
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
