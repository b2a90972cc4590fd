//! One small workspace with every kind of crate and combination, built once: what the commands say of each is what the
//! running program says of itself.

mod features;
mod workspace;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};
use telemetry_tests::fixture::cargo;

use crate::{
    kit::{Ended, builds, command, ended, target},
    manifests,
};
use workspace::{SUBJECTS, Subject, workspace};

/// What a list that was printed as JSON holds.
#[track_caller]
fn listed(ended: &Ended) -> Manifest {
    let list: Manifest = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    Manifest::new(list.sdks, list.events)
}

fn keys(manifest: &Manifest) -> Vec<String> {
    manifest.events.iter().map(EventDescriptor::key).collect()
}

/// What the program says of itself when it runs. Nothing is recorded: somebody opted out.
#[track_caller]
fn said(subject: &Subject) -> Manifest {
    let built = |name: &str| target().join("debug").join(name);
    let mut command = match subject.runs {
        workspace::Runs::Itself => Command::new(built(subject.file)),
        workspace::Runs::Loaded => {
            let mut command = Command::new(built("loader"));
            command.arg(built(subject.file));
            command
        }
        workspace::Runs::Linked => Command::new(linked(&built(subject.file))),
    };
    printed(&mut command)
}

/// What a program prints that is run by itself.
#[track_caller]
fn run_program(program: &Path) -> Manifest {
    printed(&mut Command::new(program))
}

#[track_caller]
fn printed(command: &mut Command) -> Manifest {
    // A program that loads a library of the workspace finds it beside itself, and the standard library with the compiler.
    command.env("LD_LIBRARY_PATH", libraries()).env("DO_NOT_TRACK", "1");
    let ended = ended(command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")));
    assert_eq!(ended.code, 0, "{command:?}: {}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn libraries() -> std::ffi::OsString {
    let sysroot = Command::new("rustc").args(["--print", "target-libdir"]).output().expect("the compiler is there");
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).unwrap().trim());
    let debug = target().join("debug");
    std::env::join_paths([debug.join("deps"), debug, sysroot]).unwrap()
}

/// A program in C with the whole archive: what a library for other languages can record.
fn linked(archive: &Path) -> PathBuf {
    let program = archive.with_extension("linked");
    let source = archive.with_extension("c");
    std::fs::write(&source, "extern int matrix_manifest(void); int main(void) { return matrix_manifest(); }\n")
        .unwrap();
    let mut command = Command::new("cc");
    command.arg(&source).arg("-o").arg(&program).arg("-Wl,--whole-archive").arg(archive);
    command.args(["-Wl,--no-whole-archive", "-lpthread", "-ldl", "-lm", "-lrt", "-lutil"]);
    let ended = ended(command.output().expect("a compiler for C is there"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    program
}

/// A crate lies in every library that holds it; whoever unites them meets its records again, in any order.
#[test]
fn a07_records_that_are_equal_are_listed_once() {
    let event = |version: &str| {
        let event = manifests::event("opened", Vec::new());
        EventDescriptor { doc: version.to_owned(), ..event }
    };
    let events = ["a", "b", "a", "b", "b"].map(event).to_vec();
    let sdk = |docs: &str| SdkDescriptor { docs: docs.to_owned(), ..manifests::sdk() };
    let manifest = Manifest::new(["x", "y", "x"].map(sdk).to_vec(), events);
    let docs: Vec<_> = manifest.events.iter().map(|event| event.doc.as_str()).collect();
    assert_eq!((docs, manifest.sdks.len()), (vec!["a", "b"], 2), "what differs in anything stays");
}

#[test]
#[cfg(target_os = "linux")]
fn a07_the_commands_agree_with_the_running_program_for_every_kind_of_crate() {
    let package = workspace();
    let folder = package.path();
    let _one_at_a_time = builds();
    // Everything once, for what runs.
    let mut build = cargo(folder);
    build.args(["build", "--quiet", "--workspace", "--bins", "--lib", "--examples"]);
    let built = ended(build.output().unwrap());
    assert_eq!(built.code, 0, "{}", built.stderr);
    for subject in SUBJECTS {
        let run = |arguments: &[&str]| ended(command(folder, arguments).output().unwrap());
        let of_subject = |words: &[&'static str]| [words, subject.arguments, &["--quiet"]].concat();
        let said = said(subject);
        let list = run(&of_subject(&["list", "--format", "json"]));
        assert_eq!(list.code, 0, "{subject:?}: {}", list.stderr);
        let listed = listed(&list);
        assert_eq!(listed, said, "{subject:?}: {:?} and {:?}", keys(&listed), keys(&said));
        assert_eq!(keys(&said), subject.events, "{subject:?}");
        let distinct: BTreeSet<_> = keys(&said).into_iter().collect();
        assert_eq!(distinct.len(), said.events.len(), "{subject:?}: nothing is counted twice");

        // The lock file holds the same, and so does what a fresh build is compared with.
        let lock = format!("{}.lock", subject.name);
        let locked = run(&of_subject(&["lock", "--output", Box::leak(lock.clone().into_boxed_str())]));
        assert_eq!(locked.code, 0, "{subject:?}: {}", locked.stderr);
        let in_lock = run(&["list", "--format", "json", &lock]);
        assert_eq!(keys(&self::listed(&in_lock)), keys(&said), "{subject:?}");
        let checked = run(&of_subject(&["check", "--lock", Box::leak(lock.clone().into_boxed_str())]));
        assert_eq!(checked.code, 0, "{subject:?}: {}{}", checked.stdout, checked.stderr);
        let docs = run(&of_subject(&["docs"]));
        assert_eq!(docs.code, 0, "{subject:?}: {}", docs.stderr);
        for event in &said.events {
            assert!(docs.stdout.contains(&event.event), "{subject:?}: {} is missing on the page", event.event);
        }
        // A file that was built says it alone.
        let file = target().join("debug").join(subject.file);
        let named = run(&["list", "--format", "json", file.to_str().unwrap()]);
        assert_eq!(self::listed(&named), said, "{subject:?}");
        let compared = run(&["diff", &lock, file.to_str().unwrap(), "--format", "json"]);
        let compared: Value = serde_json::from_str(&compared.stdout).unwrap();
        assert_eq!(compared["findings"], Value::Array(Vec::new()), "{subject:?}");
        let absent = run(&["absent", "--format", "json", file.to_str().unwrap()]);
        let found: Value = serde_json::from_str(&absent.stdout).unwrap();
        let found = found["files"][0]["events"].as_array().unwrap().iter();
        let mut found: Vec<_> = found.map(|key| key.as_str().unwrap().to_owned()).collect();
        found.sort();
        assert_eq!((absent.code, found), (1, keys(&said)), "{subject:?}: {}", absent.stdout);
    }
}
