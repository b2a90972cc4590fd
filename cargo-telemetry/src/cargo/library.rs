//! What a library can record: its own events, and those of the crates that it shares an SDK with.
//!
//! A wrapper such as `acme-next` declares events for the SDK of `acme-core`, and a program that uses the wrapper can send
//! the events of both. So the libraries of all crates that were built for it are read, and what belongs to another
//! SDK is left out. A library that is linked already, for another language or to be loaded, is read as a program is: it
//! holds the crates that it depends on.

use std::{collections::BTreeSet, path::Path};

use cargo_metadata::Artifact;
use telemetry_schema::Manifest;

use super::{
    Package,
    artifacts::{self, Built},
    config,
};
use crate::{
    arguments::Source,
    exit_code::ExitCode,
    failure::{Failure, with_causes},
    output,
    reader::{self, ReadError},
    source::read_binaries,
};

/// The profile of the build. Under fat LTO a library holds bitcode in place of sections, so a profile of the tool's own
/// turns it off; debug information and incremental builds buy nothing here. All else is as in the profile it inherits.
const PROFILE: [&str; 4] = ["lto=\"off\"", "debug=0", "incremental=false", "strip=\"none\""];

const PROFILE_NAME: &str = "telemetry-audit";

pub(super) fn build(source: &Source, package: &Package) -> Result<Manifest, Failure> {
    output::note(&format!(
        "building the library of `{}` and what it depends on, apart from your own builds, to read their telemetry records",
        package.name
    ));
    let mut command = artifacts::command(source, package);
    command.args(["--lib", "--profile", PROFILE_NAME]);
    let base = source.profile().unwrap_or("dev");
    command.arg("--config").arg(format!("profile.{PROFILE_NAME}.inherits=\"{base}\""));
    for setting in PROFILE {
        command.arg("--config").arg(format!("profile.{PROFILE_NAME}.{setting}"));
    }
    // A folder of its own: the profile would otherwise replace the user's library beside it.
    command.arg("--target-dir").arg(package.target_folder.join(PROFILE_NAME));
    // With a target, what is built for the compiler (macros, build scripts) lies elsewhere. It is no part of a program.
    match &source.target {
        Some(target) => command.args(["--target", target]),
        None if config::names_target() => &mut command,
        None => command.args(["--target", "host-tuple"]),
    };
    let built = artifacts::run(command)?;

    let own = built.artifacts.iter().find(|artifact| {
        artifact.manifest_path.as_std_path() == package.manifest_path && !artifact.target.is_custom_build()
    });
    let Some(own) = own else {
        return Err(Failure::new(ExitCode::CannotTell, format!("cargo has built no library of `{}`", package.name)));
    };
    read(&built, own, package, "library")
}

/// What `own` can record, a library of this build that messages call `name`.
///
/// What was linked for other languages, or to be loaded, holds all that its code needs: it is read as a program is. What
/// only other crates link to holds its own records, and is united with the crates below it.
pub(super) fn read(built: &Built, own: &Artifact, package: &Package, name: &str) -> Result<Manifest, Failure> {
    let nothing = |failure| built.without_telemetry(package, failure);
    if let Some(path) = own.filenames.iter().map(|path| path.as_std_path()).find(|path| is_one_of(path, &LINKED)) {
        return read_binaries(path, &built.loaded()).map_err(|failure| match failure.exit {
            ExitCode::CannotTell if built.compiled_out.is_some() => nothing(failure),
            _ => failure,
        });
    }
    let (mut records, mut others, mut found) = (Manifest::new(Vec::new(), Vec::new()), Vec::new(), 0);
    let folder = own.filenames.first().and_then(|path| path.as_std_path().parent()).unwrap_or(Path::new(""));
    // Examples lie in a folder of their own.
    let folder = if own.target.is_example() { folder.parent().unwrap_or(folder) } else { folder };
    for artifact in &built.artifacts {
        if artifact.target.is_proc_macro() || artifact.target.is_custom_build() || artifact.executable.is_some() {
            continue;
        }
        let mut paths = artifact.filenames.iter().map(|path| path.as_std_path());
        let readable = |path: &&Path| is_one_of(path, &["rlib"]) || is_one_of(path, &LINKED);
        let Some(path) =
            paths.find(readable).filter(|path| is_beside(path, folder, &package.target_folder, &package.build_folder))
        else {
            continue;
        };
        match reader::read(path) {
            Ok(reading) => {
                found += 1;
                if artifact == own { records = reading.manifest } else { others.push(reading.manifest) }
            }
            Err(ReadError::NoRecords { .. }) => {}
            Err(error) => return Err(Failure::new(ExitCode::CannotTell, with_causes(&error))),
        }
    }
    if found == 0 {
        let none = format!("neither the {name} of `{}` nor one it depends on holds telemetry records", package.name);
        return Err(nothing(Failure::new(ExitCode::CannotTell, none)));
    }
    let united = unite(records, others);
    let hold = if found == 1 { "1 library holds" } else { &format!("{found} libraries hold") };
    output::note(&format!("{hold} records; those of {} are listed", sdk_names(&united)));
    Ok(united)
}

/// Whether a file was built for the same target and profile as what lies in `folder`: there, or where cargo builds on the way.
fn is_beside(path: &Path, folder: &Path, target: &Path, build: &Path) -> bool {
    let below = folder.strip_prefix(target.join(PROFILE_NAME)).or_else(|_| folder.strip_prefix(target));
    path.starts_with(folder) || below.is_ok_and(|below| path.starts_with(build.join(below)))
}

/// Extensions of libraries that hold what they depend on: those that are loaded, and archives for another linker.
const LINKED: [&str; 6] = ["so", "dylib", "dll", "wasm", "a", "lib"];

fn is_one_of(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known))
}

/// The events of all SDKs that `own` names; of all there are where it names none.
fn unite(own: Manifest, others: Vec<Manifest>) -> Manifest {
    let named = own.sdks.iter().map(|sdk| &sdk.sdk).chain(own.events.iter().map(|event| &event.sdk));
    let named: BTreeSet<String> = named.cloned().collect();
    let listed = |sdk: &str| named.is_empty() || named.contains(sdk);
    let (mut sdks, mut events) = (own.sdks, own.events);
    for other in others {
        sdks.extend(other.sdks.into_iter().filter(|sdk| listed(&sdk.sdk)));
        events.extend(other.events.into_iter().filter(|event| listed(&event.sdk)));
    }
    Manifest::new(sdks, events)
}

fn sdk_names(manifest: &Manifest) -> String {
    let names: BTreeSet<_> = manifest.events.iter().map(|event| &event.sdk).collect();
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_on_the_way_may_lie_elsewhere_and_what_is_built_for_the_compiler_is_left_out() {
        let (target, apart) = (Path::new("/t"), Path::new("/b"));
        let own = Path::new("/t/telemetry-audit/x86_64/telemetry-audit");
        for (path, build, is_one) in [
            ("/t/telemetry-audit/x86_64/telemetry-audit/deps/libcore.rlib", target, true),
            ("/t/telemetry-audit/telemetry-audit/deps/libmacros.rlib", target, false),
            ("/b/x86_64/telemetry-audit/deps/libcore.rlib", apart, true),
            ("/b/telemetry-audit/deps/libmacros.rlib", apart, false),
        ] {
            assert_eq!(is_beside(Path::new(path), own, target, build), is_one, "{path}");
        }
        // An example, in the folder of the user's own builds.
        let folder = Path::new("/t/release");
        assert!(is_beside(Path::new("/b/release/deps/libcore.rlib"), folder, target, apart));
        assert!(!is_beside(Path::new("/b/debug/deps/libcore.rlib"), folder, target, apart));
    }
}
