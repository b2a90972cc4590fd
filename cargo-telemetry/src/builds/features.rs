//! Which features of a package a build has.

use std::collections::BTreeSet;

use crate::{cargo::Package, lock::Build};

/// The features of a build that are `package`'s own; those of its dependencies, `dependency/feature`, as they are.
pub(super) fn features(build: &Build, package: &Package) -> Vec<String> {
    let alone = build.packages.len() < 2;
    let of_package = |name: &String| match name.split_once('/') {
        Some((owner, feature)) if owner == package.name => Some(feature.to_owned()),
        Some((owner, _)) if build.packages.iter().any(|other| other == owner) => None,
        None if !alone && !package.features.contains_key(name) => None,
        _ => Some(name.clone()),
    };
    build.features.iter().filter_map(of_package).collect()
}

/// All features of `package` that a build turns on, those that others turn on included.
pub(super) fn enabled(package: &Package, build: &Build) -> BTreeSet<String> {
    let mut open = features(build, package);
    if build.default_features {
        open.push("default".to_owned());
    }
    closed(package, open)
}

/// These features with all that they turn on.
pub(super) fn closed(package: &Package, mut open: Vec<String>) -> BTreeSet<String> {
    let mut on = BTreeSet::new();
    while let Some(name) = open.pop() {
        // `dependency/feature` turns the dependency on too, which is a feature if it is optional; `dependency?/feature` does not.
        let name = match name.split_once('/') {
            Some((dependency, _)) if !dependency.ends_with('?') => dependency.to_owned(),
            Some(_) => continue,
            None => name,
        };
        if let Some(more) = package.features.get(&name)
            && on.insert(name)
        {
            open.extend(more.iter().cloned());
        }
    }
    on
}
