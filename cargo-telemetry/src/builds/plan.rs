//! From declared builds to calls of cargo: each package and each of its programs by itself, so that features of one package do
//! not reach another.

use super::{
    Chosen,
    features::{enabled, features},
};
use crate::{
    arguments::Source,
    cargo::{Choice, Library, Package, Workspace, locate},
    exit_code::ExitCode,
    failure::Failure,
    lock::Build,
};

/// One call of cargo.
#[derive(Debug)]
pub(super) struct Step {
    /// The name of the build.
    pub(super) build: String,
    pub(super) package: Package,
    pub(super) choice: Choice,
    /// The flags of the build for this package.
    pub(super) source: Source,
}

/// All calls, in the order of the declarations.
pub(super) fn steps(
    source: &Source,
    chosen: &Chosen,
    workspace: &Workspace,
    config_name: &str,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for build in chosen.builds() {
        let packages = packages(build, workspace, source, config_name)?;
        names_exist(build, &packages, chosen.declared, config_name)?;
        for package in packages {
            let source = flags(source, build, &package);
            let choices = choices(build, &package)?;
            let step =
                |choice| Step { build: build.name.clone(), package: package.clone(), choice, source: source.clone() };
            steps.extend(choices.into_iter().map(step));
        }
    }
    Ok(steps)
}

/// The packages of a build.
pub(super) fn packages(
    build: &Build,
    workspace: &Workspace,
    source: &Source,
    config_name: &str,
) -> Result<Vec<Package>, Failure> {
    if build.packages.is_empty() {
        return match (&workspace.current, &source.package) {
            (Some(package), None) => Ok(vec![package.clone()]),
            _ => Ok(vec![locate(source)?]),
        };
    }
    let find = |name: &String| {
        workspace.packages.iter().find(|package| package.name == *name).cloned().ok_or_else(|| {
            let known: Vec<_> = workspace.packages.iter().map(|package| package.name.clone()).collect();
            let message = format!("{config_name}: build `{}`: no package `{name}` in this workspace", build.name);
            Failure::new(ExitCode::Config, message).with_hint(format!("it has {}", quoted(&known)))
        })
    };
    build.packages.iter().map(find).collect()
}

/// What a build names and no package of it has is a mistake, and must not pass for something that was read.
fn names_exist(build: &Build, packages: &[Package], declared: bool, config_name: &str) -> Result<(), Failure> {
    let missing = |what: &str, name: &str, known: Vec<String>| {
        let of = quoted(&packages.iter().map(|package| package.name.clone()).collect::<Vec<_>>());
        let failure = if declared {
            let message = format!("{config_name}: build `{}`: {of} has no {what} `{name}`", build.name);
            Failure::new(ExitCode::Config, message)
        } else {
            Failure::usage(format!("{of} has no {what} `{name}`"))
        };
        if known.is_empty() { failure } else { failure.with_hint(format!("it has {}", quoted(&known))) }
    };
    let all = |of: fn(&Package) -> &Vec<String>| packages.iter().flat_map(of).cloned().collect::<Vec<_>>();
    for (what, names, known) in [
        ("binary", &build.bins, all(|package| &package.bins)),
        ("example", &build.examples, all(|package| &package.examples)),
    ] {
        if let Some(name) = names.iter().find(|name| !known.contains(name)) {
            return Err(missing(what, name, known));
        }
    }
    if build.lib && !packages.iter().any(|package| package.library == Some(Library::Linked)) {
        let of = quoted(&packages.iter().map(|package| package.name.clone()).collect::<Vec<_>>());
        return Err(Failure::usage(format!("{of} has no library")));
    }
    // Cargo names an unknown feature itself, with its own suggestion; of several packages each gets those that it has.
    if packages.len() > 1 {
        let known: Vec<_> = packages.iter().flat_map(|package| package.features.keys()).cloned().collect();
        let plain = |name: &&String| !name.contains('/');
        if let Some(name) = build.features.iter().filter(plain).find(|name| !known.contains(name)) {
            return Err(missing("feature", name, known));
        }
    }
    Ok(())
}

/// What is built of one package.
pub(super) fn choices(build: &Build, package: &Package) -> Result<Vec<Choice>, Failure> {
    let mut choices = Vec::new();
    if !build.lib && build.bins.is_empty() && build.examples.is_empty() {
        let features = enabled(package, build);
        let can_be_built = |name: &&String| {
            package.required_features.get(*name).is_none_or(|needed| needed.iter().all(|name| features.contains(name)))
        };
        choices.extend(package.bins.iter().filter(can_be_built).cloned().map(Choice::Binary));
        match package.library {
            _ if !choices.is_empty() => {}
            Some(Library::Linked) => choices.push(Choice::Library),
            Some(Library::ProcMacro) => {
                let message = format!("`{}` is a procedural macro, which records nothing", package.name);
                return Err(
                    Failure::usage(message).with_hint("the events are in the crates that use it: name one of those")
                );
            }
            None => {
                let message = format!("`{}` has neither a binary nor a library that can be built", package.name);
                return Err(Failure::usage(message).with_hint("name an example, or features that a binary requires"));
            }
        }
        return Ok(choices);
    }
    if build.lib && package.library == Some(Library::Linked) {
        choices.push(Choice::Library);
    }
    let have = |names: &[String], of: &[String]| -> Vec<String> {
        names.iter().filter(|name| of.contains(name)).cloned().collect()
    };
    choices.extend(have(&build.bins, &package.bins).into_iter().map(Choice::Binary));
    choices.extend(have(&build.examples, &package.examples).into_iter().map(Choice::Example));
    Ok(choices)
}

fn flags(source: &Source, build: &Build, package: &Package) -> Source {
    Source {
        features: features(build, package),
        no_default_features: !build.default_features,
        release: false,
        profile: build.profile.clone(),
        target: build.target.clone(),
        ..source.clone()
    }
}

pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
