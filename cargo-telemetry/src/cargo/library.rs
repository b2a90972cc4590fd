//! What a library can record: its own events, and those of the crates that it shares an SDK with.
//!
//! A wrapper such as `acme-next` declares events for the SDK of `acme-core`, and a program that uses the wrapper can send
//! the events of both. So the libraries of all crates that were built for it are read, and what belongs to another
//! SDK is left out.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use telemetry_schema::Manifest;

use super::{Package, artifacts, config};
use crate::{
    cli::Source,
    exit_code::ExitCode,
    failure::{Failure, with_causes},
    output,
    reader::{self, ReadError},
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
    let base = if source.release { "release" } else { "dev" };
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

    let is_own = |manifest_path: &Path| manifest_path == package.manifest_path;
    let libraries: Vec<(bool, PathBuf)> = built
        .artifacts
        .iter()
        .filter(|artifact| !artifact.target.is_proc_macro() && !artifact.target.is_custom_build())
        .map(|artifact| (is_own(artifact.manifest_path.as_std_path()), artifact))
        .filter_map(|(own, artifact)| {
            let readable = |path: &Path| {
                let extension = path.extension().unwrap_or_default();
                ["rlib", "so", "dylib", "dll", "wasm", "a", "lib"].iter().any(|known| extension == *known)
            };
            let path = artifact.filenames.iter().map(|path| path.as_std_path()).find(|path| readable(path))?;
            Some((own, path.to_owned()))
        })
        .collect();
    let folder = libraries.iter().find(|(own, _)| *own).and_then(|(_, path)| path.parent()).map(Path::to_owned);
    let Some(folder) = folder else {
        return Err(Failure::new(ExitCode::CannotTell, format!("cargo has built no library of `{}`", package.name)));
    };

    let (mut own, mut others) = (Manifest::new(Vec::new(), Vec::new()), Vec::new());
    for (is_own, path) in libraries.into_iter().filter(|(_, path)| path.starts_with(&folder)) {
        match reader::read(&path) {
            Ok(reading) if is_own => own = reading.manifest,
            Ok(reading) => others.push(reading.manifest),
            Err(ReadError::NoRecords { .. }) => {}
            Err(error) => return Err(Failure::new(ExitCode::CannotTell, with_causes(&error))),
        }
    }
    let read = others.len() + usize::from(!own.events.is_empty() || !own.sdks.is_empty());
    if read == 0 {
        let none = format!("neither the library of `{}` nor one it depends on holds telemetry records", package.name);
        return Err(built.without_telemetry(package, Failure::new(ExitCode::CannotTell, none)));
    }
    let united = unite(own, others);
    let hold = if read == 1 { "1 library holds" } else { &format!("{read} libraries hold") };
    output::note(&format!("{hold} records; those of {} are listed", sdk_names(&united)));
    Ok(united)
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
