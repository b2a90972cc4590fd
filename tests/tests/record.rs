//! What stands in a binary is what the running program says of itself.

use std::{collections::BTreeSet, fs, path::Path};

use object::{Object as _, ObjectSection as _};
use telemetry_runtime::schema::{EventDescriptor, Manifest, Record, SdkDescriptor, record};
use telemetry_tests::{
    Sandbox,
    fixture::{Generated, build, fixtures},
    probe_path, run_ok, sibling,
};

const RUNTIME: &str = "[dependencies]\n\
     telemetry-runtime = { path = $RUNTIME, default-features = false, features = [\"testing\"] }\n\
     [lints.rust]\nunsafe_code = \"forbid\"\n";

/// All records of the link section of a program, in the order of the registry.
fn records_in(program: &[u8]) -> (Vec<SdkDescriptor>, Vec<EventDescriptor>) {
    let file = object::File::parse(program).unwrap();
    let section = match std::env::consts::OS {
        "macos" => "__telemetry",
        "windows" => ".telem",
        _ => ".telemetry",
    };
    let section = file.section_by_name(section).expect("a program with events has the section");
    let (mut sdks, mut events) = (Vec::new(), Vec::new());
    for found in record::parse_section(section.data().unwrap()) {
        match found.expect("every record can be read") {
            Record::Sdk(sdk) => sdks.push(sdk),
            Record::Event(event) => events.push(event),
        }
    }
    (sdks, events)
}

#[test]
fn r42_the_running_program_lists_what_is_in_its_binary() {
    let sandbox = Sandbox::new();
    let printed = run_ok(&mut sandbox.probe("manifest"));
    let (sdks, events) = records_in(&fs::read(probe_path()).unwrap());
    let in_binary = Manifest::new(sdks, events).to_json();
    assert_eq!(printed.trim_end(), in_binary.trim_end());
    let manifest: Manifest = serde_json::from_str(&printed).unwrap();
    let keys: BTreeSet<_> = manifest.events.iter().map(EventDescriptor::key).collect();
    for expected in ["component_mounted", "method_called", "page_opened", "happened", "command_run"] {
        assert!(keys.iter().any(|key| key.contains(expected)), "{expected}: {keys:?}");
    }
    assert_eq!(manifest.sdks.len(), 1);
}

#[test]
fn no_record_names_a_folder_of_the_machine_that_built_it() {
    let (workspace, home) = (telemetry_tests::fixture::workspace(), std::env::var("HOME").unwrap_or_default());
    let outside = Generated::new("outside", RUNTIME);
    let outside = build(outside.source(OUTSIDE).cargo().arg("build"), "outside").bytes;
    let programs = [fs::read(probe_path()).unwrap(), fs::read(sibling("elsewhere")).unwrap(), outside];
    for program in programs {
        let (sdks, events) = records_in(&program);
        assert!(!sdks.is_empty() && !events.is_empty());
        let places: Vec<_> = events.iter().map(|event| event.at.clone()).collect();
        for place in &places {
            let (file, line) = place.rsplit_once(':').expect("file and line");
            assert!(line.parse::<u32>().is_ok_and(|line| line > 0), "{place}");
            assert!(Path::new(file).is_relative() && !file.starts_with('\\') && !file.contains(':'), "{place}");
        }
        let text = Manifest::new(sdks, events).to_json();
        for folder in [workspace.to_str().unwrap(), &home] {
            assert!(folder.len() < 2 || !text.contains(folder), "{folder} in {text}");
        }
    }
}

/// A package outside of this workspace, for which `file!()` is an absolute path in some builds.
const OUTSIDE: &str = r#"
use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

pub static TELEMETRY: Sdk = sdk! {
    name: "outside", role: Library, default: On, env: "OUTSIDE", endpoint: "https://outside.fixture.example",
    wire: EventBatch { strict: false }, docs: "https://fixture.example/telemetry", operator: "Fixture Inc.",
    contact: "privacy@fixture.example", region: "EU", retention: "90 days", shared_with: "nobody",
};

/// Happened.
#[telemetry_event]
struct Happened {
    /// Whether.
    well: bool,
}

fn main() {
    record!(Happened { well: true });
    println!("{}", telemetry_runtime::manifest().unwrap());
}
"#;

#[test]
fn r42_an_empty_registry_is_an_error_and_never_a_clean_bill() {
    let empty = Generated::new("empty", RUNTIME);
    empty.source("fn main() { println!(\"{:?}\", telemetry_runtime::registry().map(|_| ())); }\n");
    let empty = build(empty.cargo().arg("build"), "empty");
    assert_eq!(said_by(&empty.path), "Err(Empty)\n");

    let source = OUTSIDE.replace("/// Happened.\n#[telemetry_event]", "#[allow(dead_code)]").replace(
        "    record!(Happened { well: true });\n    println!(\"{}\", telemetry_runtime::manifest().unwrap());",
        "    println!(\"{:?}\", telemetry_runtime::registry().map(|_| ()));",
    );
    let eventless = Generated::new("eventless", RUNTIME);
    let source = source
        .replace("use telemetry_runtime::{Sdk, record, sdk, telemetry_event};", "use telemetry_runtime::{Sdk, sdk};");
    let eventless = build(eventless.source(&source).cargo().arg("build"), "eventless");
    assert_eq!(said_by(&eventless.path), "Err(NoEvents { sdk: \"outside\" })\n");
}

/// Where registration before `main` does not work, `register` is what there is. Such a target is imitated by a linker
/// argument that drops the constructors.
#[test]
#[cfg(target_os = "linux")]
fn r42_register_works_where_constructors_do_not_run() {
    let source = OUTSIDE.replace(
        "    record!(Happened { well: true });\n    println!(\"{}\", telemetry_runtime::manifest().unwrap());",
        "    println!(\"{:?}\", telemetry_runtime::registry().map(|_| ()));\n    \
         telemetry_runtime::register::<Happened>();\n    \
         println!(\"{:?}\", telemetry_runtime::registry().map(|all| (all.sdks().len(), all.events().len())));\n    \
         let _ = || record!(Happened { well: true });",
    );
    let package = Generated::new("constructorless", RUNTIME);
    package.source(&source);
    let mut program = build(package.cargo().arg("build"), "constructorless");
    assert_eq!(said_by(&program.path), "Ok(())\nOk((1, 1))\n", "registered twice, listed once");
    forget_constructors(&mut program.bytes);
    fs::write(&program.path, &program.bytes).unwrap();
    assert_eq!(said_by(&program.path), "Err(Empty)\nOk((1, 1))\n");
}

/// Makes the loader skip `.init_array`, where constructors are listed on ELF, by telling it that the list is empty.
#[cfg(target_os = "linux")]
fn forget_constructors(program: &mut [u8]) {
    const DT_INIT_ARRAYSZ: u64 = 27;
    let range = {
        let file = object::File::parse(&*program).unwrap();
        file.section_by_name(".dynamic").unwrap().file_range().unwrap()
    };
    let (start, len) = (usize::try_from(range.0).unwrap(), usize::try_from(range.1).unwrap());
    let mut forgotten = 0;
    for entry in program[start..start + len].chunks_exact_mut(16) {
        if entry[..8] == DT_INIT_ARRAYSZ.to_ne_bytes() {
            entry[8..].fill(0);
            forgotten += 1;
        }
    }
    assert_eq!(forgotten, 1, "a 64-bit program with a list of constructors");
}

/// Somebody removed the records from a binary: what nobody can list may not be recorded either.
#[test]
fn r42_an_event_whose_record_was_removed_is_not_recorded() {
    let source = OUTSIDE.replace(
        "    record!(Happened { well: true });\n    println!(\"{}\", telemetry_runtime::manifest().unwrap());",
        "    let recorded = telemetry_runtime::testing::capture(|| record!(Happened { well: true }));\n    \
         println!(\"{}\", recorded.events().len());\n    \
         println!(\"{}\", telemetry_runtime::registry().is_ok());",
    );
    let package = Generated::new("removed", RUNTIME);
    let mut program = build(package.source(&source).cargo().arg("build"), "removed");
    assert_eq!(said_by(&program.path), "1\ntrue\n");
    let range = {
        let file = object::File::parse(&*program.bytes).unwrap();
        let section = file.sections().find(|section| section.name().is_ok_and(|name| name.contains("telem")));
        section.unwrap().file_range().unwrap()
    };
    let (start, len) = (usize::try_from(range.0).unwrap(), usize::try_from(range.1).unwrap());
    program.bytes[start..start + len].fill(0);
    fs::write(&program.path, &program.bytes).unwrap();
    assert_eq!(said_by(&program.path), "0\nfalse\n");
}

#[test]
fn fixtures_name_no_folder_of_the_machine_that_wrote_them() {
    let lock = fs::read_to_string(fixtures().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"telemetry-runtime\"") && !lock.contains("path+file"), "{lock}");
}

fn said_by(program: &Path) -> String {
    let sandbox = Sandbox::new();
    run_ok(&mut sandbox.command(program))
}
