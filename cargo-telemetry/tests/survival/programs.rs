//! Programs and shared libraries that rustc links.

use std::{fs, process::Command};

use object::Object as _;

use crate::{
    HIDDEN, PLACES, PROGRAM,
    builds::{How, build},
    keys, named, read, said,
};

/// Builds the program in one way and compares what it says with what the reader finds.
#[track_caller]
fn survives(how: &How) -> Vec<u8> {
    let program = build("app", "app", how);
    let (found, said) = (read(&program.path), said(&mut Command::new(&program.path)));
    assert_eq!(keys(&found), named([&PLACES[..], &HIDDEN, &PROGRAM]), "{how:?}");
    assert_eq!(found, said, "{how:?}");
    assert_eq!(found.sdks.len(), 3, "{how:?}");
    fs::read(&program.path).unwrap()
}

fn rustc(arguments: &[&str]) -> How {
    How { rustc: arguments.iter().map(|argument| (*argument).to_owned()).collect(), ..How::default() }
}

#[test]
fn r42_records_survive_debug_and_release() {
    survives(&How { debug: true, ..How::default() });
    survives(&How::default());
}

#[test]
fn r42_records_survive_codegen_units_and_size() {
    // Each build compiles the runtime again.
    for profile in [vec!["codegen-units=1"], vec!["codegen-units=256", "opt-level=\"z\""]] {
        survives(&How { profile, ..How::default() });
    }
}

#[test]
fn r42_records_survive_link_time_optimization_and_strip() {
    survives(&rustc(&["-Clto=thin"]));
    survives(&rustc(&["-Clto=fat"]));
    let stripped = survives(&rustc(&["-Clto=fat", "-Cstrip=symbols", "-Ccodegen-units=1", "-Copt-level=z"]));
    let file = object::File::parse(&*stripped).unwrap();
    assert_eq!(file.symbols().count(), 0, "stripped");
}

/// Every linker that is here, told to drop what nobody refers to. Only on this target the compiler has a flag to leave its
/// own linker out.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn r42_records_survive_every_linker() {
    // The word in the file by which a linker is known, beside those of the others.
    for (linker, mark) in [("bfd", None), ("gold", Some("gold")), ("lld", Some("LLD")), ("mold", Some("mold"))] {
        if !is_there(&format!("ld.{linker}")) {
            // `scripts/survival-matrix` sets the variable.
            assert!(std::env::var_os("TELEMETRY_TESTS_LINKERS").is_none(), "ld.{linker} is missing");
            eprintln!("NOT RUN: ld.{linker} is missing");
            continue;
        }
        let fuse = format!("-Clink-arg=-fuse-ld={linker}");
        let program = survives(&rustc(&["-Clinker-features=-lld", &fuse, "-Clink-arg=-Wl,--gc-sections"]));
        let used = marks(&program);
        assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), mark.into_iter().collect::<Vec<_>>());
    }
    // The one that comes with the compiler, and is what it takes by itself.
    let program = survives(&rustc(&["-Clink-arg=-Wl,--gc-sections"]));
    assert_eq!(marks(&program), ["LLD"]);
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Linkers that have left their name. GNU ld leaves none.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn marks(program: &[u8]) -> Vec<String> {
    use object::ObjectSection as _;

    let file = object::File::parse(program).unwrap();
    let mut text = String::new();
    for section in file.sections() {
        if section.name().is_ok_and(|name| name == ".comment" || name.contains("gold-version")) {
            text.push_str(&String::from_utf8_lossy(section.data().unwrap()));
        }
    }
    ["gold", "LLD", "mold"].into_iter().filter(|mark| text.contains(mark)).map(str::to_owned).collect()
}

/// Each image has a list of its own: that of a program does not name what a plugin records.
#[test]
#[cfg(target_os = "linux")]
fn r42_a_program_and_its_plugin_have_a_list_each() {
    let host = build("plugin-host", "plugin-host", &How::default());
    let (found, own) = (read(&host.path), said(&mut Command::new(&host.path)));
    assert_eq!(keys(&found), named([&["plugin-host/plugin_loaded"][..]]));
    assert_eq!(found, own);
    for how in [How::default(), rustc(&["-Clto=fat", "-Cstrip=symbols"])] {
        let plugin = build("image", "libimage.so", &how);
        let (found, said) = (read(&plugin.path), said(Command::new(&host.path).arg(&plugin.path)));
        assert_eq!(keys(&found), named([&PLACES[..], &HIDDEN]), "{how:?}");
        assert_eq!(found, said, "{how:?}");
    }
}
