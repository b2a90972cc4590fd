//! What is shipped and in no build: features and binaries of the packages that builds name.
//!
//! A feature that nobody builds may add an event that nobody has reviewed.

use std::collections::BTreeSet;

use super::{
    Chosen,
    features::{closed, enabled},
    plan,
};
use crate::{
    arguments::Source,
    cargo::{self, Choice, Package},
    config::{Config, Ignored},
    failure::Failure,
    files,
    finding::{Finding, Rule},
};

/// One finding per feature and per binary that no build has and `config` does not ignore, and one per needless exception.
pub(crate) fn check(source: &Source, chosen: &Chosen, config: &Config) -> Result<Vec<Finding>, Failure> {
    let workspace = cargo::workspace(source)?;
    let mut findings = Vec::new();
    let mut used = vec![false; config.ignored.len()];
    let mut looked_at: Vec<(Package, BTreeSet<String>, BTreeSet<String>)> = Vec::new();
    for build in &chosen.all {
        for package in plan::packages(build, &workspace, source, &config.name)? {
            let features = enabled(&package, build);
            let bins = plan::choices(build, &package)?.into_iter().filter_map(|choice| match choice {
                Choice::Binary(name) => Some(name),
                Choice::Example(_) | Choice::Library => None,
            });
            let bins: BTreeSet<_> = bins.collect();
            match looked_at.iter_mut().find(|(known, _, _)| known.name == package.name) {
                Some((_, all, programs)) => {
                    all.extend(features);
                    programs.extend(bins);
                }
                None => looked_at.push((package, features, bins)),
            }
        }
    }
    for (package, features, bins) in &looked_at {
        let missing = package.features.keys().filter(|name| !features.contains(*name) && !silences(package, name));
        for name in missing {
            if !is_ignored(config, &mut used, |ignored| ignored.names(&package.name, Some(name), None)) {
                findings.push(feature(package, name, chosen, config));
            }
        }
        // Whoever names one program by a flag of this very call asks of that one.
        let asked_of_one = source.bin.is_some() || source.example.is_some() || source.lib;
        for name in package.bins.iter().filter(|name| !asked_of_one && !bins.contains(*name)) {
            if !is_ignored(config, &mut used, |ignored| ignored.names(&package.name, None, Some(name))) {
                findings.push(binary(package, name, config));
            }
        }
    }
    for (ignored, _) in config.ignored.iter().zip(used).filter(|(_, used)| !used) {
        let message = format!("nothing needs the exception for {}", ignored.what());
        let repair = "remove it from telemetry-check.toml";
        findings.push(Finding::new(Rule::UnusedException, message, repair).at(&config.name));
    }
    Ok(findings)
}

fn is_ignored(config: &Config, used: &mut [bool], names: impl Fn(&Ignored) -> bool) -> bool {
    let mut found = false;
    for (ignored, used) in config.ignored.iter().zip(used).filter(|(ignored, _)| names(ignored)) {
        let _ = ignored;
        *used = true;
        found = true;
    }
    found
}

fn feature(package: &Package, name: &str, chosen: &Chosen, config: &Config) -> Finding {
    let message = format!("the feature `{name}` of `{}` is in no build, so what it adds is not locked", package.name);
    let repair = if chosen.declared {
        format!("add it to a `[[build]]` of {}, or name it there under `[[ignore]]` with a reason", config.name)
    } else {
        format!(
            "declare a `[[build]]` with it in {}, or name it there under `[[ignore]]` with a reason; \
             docs/audit.md shows both",
            config.name
        )
    };
    Finding::new(Rule::UncoveredFeature, message, repair).at(&line_of(package, name))
}

fn binary(package: &Package, name: &str, config: &Config) -> Finding {
    let message = format!("the binary `{name}` of `{}` is in no build, so what it records is not locked", package.name);
    let repair =
        format!("add it to a `[[build]]` of {}, or name it there under `[[ignore]]` with a reason", config.name);
    Finding::new(Rule::UncoveredBinary, message, repair).at(&files::shown(&package.manifest_path))
}

/// The place of a feature in the manifest; the manifest alone where it is not written as a line of its own.
fn line_of(package: &Package, feature: &str) -> String {
    let path = files::shown(&package.manifest_path);
    let text = std::fs::read_to_string(&package.manifest_path).unwrap_or_default();
    let is_its = |line: &str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        line.contains('=') && (key == feature || key == format!("\"{feature}\""))
    };
    let mut in_features = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('[') {
            in_features = line.trim() == "[features]";
        } else if in_features && is_its(line) {
            return format!("{path}:{}", number + 1);
        }
    }
    path
}

/// Whether a feature compiles telemetry out: nothing is recorded with it, whatever else it does.
fn silences(package: &Package, feature: &str) -> bool {
    closed(package, vec![feature.to_owned()]).iter().filter_map(|name| package.features.get(name)).flatten().any(
        |name| {
            name.split_once('/').is_some_and(|(dependency, feature)| {
                feature == "no-telemetry" && package.runtimes.contains(dependency.trim_end_matches('?'))
            })
        },
    )
}
