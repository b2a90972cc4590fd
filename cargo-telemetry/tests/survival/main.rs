//! No record is lost on the way into a program: the fixture workspace is built in many ways, and each time the running
//! program lists what the reader finds in its file.
//!
//! Here the compiler of the fixtures' own crates is varied, and everything else is built once. `scripts/survival-matrix`
//! does the same with whole profiles and requires every linker.

#[cfg(target_os = "linux")]
mod archives;
mod builds;
mod programs;

use std::{collections::BTreeSet, path::Path, process::Command};

use cargo_telemetry::reader;
use telemetry_schema::{EventDescriptor, Manifest};

/// The events of the library `places`, by the places they stand in.
const PLACES: [&str; 13] = [
    "places/active",
    "places/component_mounted/NeverRendered",
    "places/method_called/behind_a_constant",
    "places/method_called/generic_called",
    "places/method_called/generic_never_instantiated",
    "places/method_called/inlined",
    "places/method_called/method",
    "places/method_called/method_never_instantiated",
    "places/method_called/never_called",
    "places/method_called/never_called_private",
    "places/method_called/referenced",
    "places/recorded",
    "places/unreferenced",
];

/// Beside them: a private module of that library, and the library that is only named.
const HIDDEN: [&str; 2] = ["places/unreferenced_private", "reached/only_named"];

/// The events of the program itself.
const PROGRAM: [&str; 2] = ["app/in_private_module", "app/in_root"];

/// What `image` records when its function is called; wherever its code goes, their records go too.
const RECORDED: [&str; 4] = [
    "places/method_called/generic_called",
    "places/method_called/method",
    "places/method_called/referenced",
    "places/recorded",
];

/// What the reader finds in a file.
#[track_caller]
fn read(path: &Path) -> Manifest {
    reader::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).manifest
}

/// What a running program says of itself.
#[track_caller]
fn said(command: &mut Command) -> Manifest {
    // The events are recorded, and nothing is written or sent: somebody opted out.
    let output = command.env("DO_NOT_TRACK", "1").output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn keys(manifest: &Manifest) -> BTreeSet<String> {
    manifest.events.iter().map(EventDescriptor::key).collect()
}

fn named<'a>(lists: impl IntoIterator<Item = &'a [&'a str]>) -> BTreeSet<String> {
    lists.into_iter().flatten().map(|key| (*key).to_owned()).collect()
}
