//! Exit codes, streams, colours, wrong files: what scripts and people rely on.

use std::{
    io::Read as _,
    process::{Command, Stdio},
};

use telemetry_schema::FieldType;

use crate::{
    kit::{Package, command, ended, run},
    manifests::{self, event, field},
    packages,
};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    manifests::write(&folder.path().join("m.json"), vec![event("opened", vec![field("a", FieldType::Bool)])]);
    folder
}

#[test]
fn both_ways_of_calling_are_the_same() {
    let folder = folder();
    let as_cargo = run(folder.path(), &["list", "m.json"]);
    let directly = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"))
        .args(["list", "m.json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(as_cargo.code, 0);
    assert_eq!(as_cargo, ended(directly));
}

#[test]
fn exit_codes_are_as_documented() {
    let folder = folder();
    std::fs::write(folder.path().join("note.txt"), "hello\n").unwrap();
    std::fs::write(folder.path().join("empty.json"), "{\"a\": 1}\n").unwrap();
    std::fs::write(folder.path().join("later.json"), "{\"manifest_version\":9,\"sdks\":[],\"events\":[]}\n").unwrap();
    std::fs::write(folder.path().join("noise"), [0, 1, 2, 255, 254, 9]).unwrap();
    for (arguments, code, says) in [
        (&["list", "m.json"][..], 0, ""),
        (&["show", "opened", "m.json"], 0, ""),
        (&["show", "opend", "m.json"], 1, "close to it: `acme/opened`"),
        (&["show", "zzz", "m.json"], 1, "`cargo telemetry list` has all names"),
        (&["show", "m.json"], 64, "the name of an event comes first"),
        (&["check", "m.json"], 1, ""),
        (&["list", "note.txt"], 2, "note.txt is a text file, no program"),
        (&["list", "empty.json"], 2, "empty.json is JSON, but no manifest"),
        (&["list", "later.json"], 2, "manifest_version is 9"),
        (&["list", "noise"], 2, "noise"),
        (&["list", "missing"], 66, "cannot read missing"),
        (&["list", "."], 66, ". is a folder"),
        (&["list", "--no-such-flag"], 64, "unexpected argument"),
        (&["list", "m.json", "--release"], 64, "cannot be used with"),
        (&["list", "--all-features"], 64, "all features would turn `no-telemetry` on"),
        (&["check", "m.json", "--all-features"], 64, "name the features that your users build with"),
        (&["check", "m.json", "--today", "2026-13-01"], 64, "is no day"),
        (&["check", "m.json", "--config", "missing.toml"], 66, "missing.toml"),
        (&["list"], 64, "name a program, go to the folder of a package"),
        (&["lock", "m.json", "--output", "no/such/folder"], 73, "cannot write no/such/folder"),
        (&["--version"], 0, ""),
    ] {
        let ended = run(folder.path(), arguments);
        assert_eq!(ended.code, code, "{arguments:?}\n{}", ended.stderr);
        assert!(ended.stderr.contains(says), "{arguments:?}\n{}", ended.stderr);
        assert_eq!(ended.stdout.is_empty(), code > 1 || !says.is_empty(), "{arguments:?}: only results are printed");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_as_a_path_does_not_hang() {
    let folder = folder();
    assert!(Command::new("mkfifo").arg("pipe").current_dir(folder.path()).status().unwrap().success());
    let ended = run(folder.path(), &["list", "pipe"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (66, "error: pipe is no regular file\n"));
}

#[test]
fn colour_is_for_terminals_only() {
    let folder = folder();
    for arguments in [&["list", "m.json"][..], &["check", "m.json"], &["list", "missing"]] {
        let ended = run(folder.path(), arguments);
        assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{arguments:?}");
        let forced = command(folder.path(), arguments).env("CLICOLOR_FORCE", "1").output().unwrap();
        assert!(
            forced.stdout.contains(&0x1b) || forced.stderr.contains(&0x1b),
            "{arguments:?}: there is colour to see"
        );
        let refused =
            command(folder.path(), arguments).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
        assert!(!refused.stdout.contains(&0x1b) && !refused.stderr.contains(&0x1b), "{arguments:?}: NO_COLOR");
    }
}

#[test]
fn a_reader_that_has_heard_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let events = (0..5_000).map(|number| event(&format!("event_{number}"), vec![field("a", FieldType::Bool)]));
    manifests::write(&folder.path().join("m.json"), events.collect());
    let mut child =
        command(folder.path(), &["list", "m.json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 4];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn what_cannot_be_built_or_chosen_says_why() {
    let package = Package::new("choices", packages::RUNTIME);
    package.write("src/bin/one.rs", "fn main() {}\n").write("src/bin/two.rs", "fn main() { no }\n");
    for (arguments, code, says) in [
        (&["list"][..], 64, "name one with `--bin NAME`: `one`, `two`"),
        (&["list", "--bin", "three"], 64, "it has `one`, `two`"),
        (&["list", "--example", "three"], 64, "`choices` has no example `three`"),
        (&["list", "--lib"], 64, "`choices` has no library"),
        (&["list", "--package", "other"], 64, "no package `other` in this workspace"),
        (&["list", "--quiet", "--bin", "two"], 69, "error: the package could not be built; cargo says above why"),
        (&["list", "--quiet", "--bin", "one"], 2, "holds no telemetry records"),
        (&["list", "--quiet", "--bin", "one", "--features", "none-such"], 69, "none-such"),
    ] {
        let ended = package.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}\n{}", ended.stderr);
        assert!(ended.stderr.contains(says), "{arguments:?}\n{}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
}
