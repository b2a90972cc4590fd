//! Real programs, built once for all tests of this binary.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use cargo_telemetry::reader::{self, ReadError};
use telemetry_tests::fixture::{Generated, Program, build, cargo, fixtures, output, succeed, target, workspace};

/// What [`programs`] are.
pub(crate) const PROGRAMS: &str = "hosts with two SDKs, with and without telemetry";

/// Programs that tests look at.
pub(crate) struct Programs {
    /// With telemetry.
    pub(crate) live: PathBuf,
    /// The same with the feature `no-telemetry`.
    pub(crate) by_feature: PathBuf,
    /// The same with the flag `--cfg no_telemetry`.
    pub(crate) by_flag: PathBuf,
    /// Records, without the feature `transport`; a release build.
    pub(crate) records: PathBuf,
    /// Declares the same event and never records; a release build.
    pub(crate) declares: PathBuf,
    _builds: Vec<Program>,
}

/// Builds them, or waits for whoever does.
pub(crate) fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let host = |flags: &[&str], rustflags: Option<&str>| {
            let mut command = cargo(&fixtures());
            command.args(["build", "--locked", "-p", "host"]).args(flags);
            command.envs(rustflags.map(|flags| ("RUSTFLAGS", flags)));
            build(&mut command, "host")
        };
        let bare = |source: &str| {
            let package = Generated::new(
                "bare",
                "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, default-features = false }\n",
            );
            build(package.source(source).cargo().args(["build", "--release"]), "bare")
        };
        let builds = vec![
            host(&["--no-default-features"], None),
            host(&[], None),
            host(&["--no-default-features"], Some("--cfg no_telemetry")),
            bare(&format!("{BARE}fn main() {{ telemetry_runtime::record!(Opened {{ dark: true }}); }}\n")),
            bare(&format!("#![allow(dead_code)]\n{BARE}fn main() {{}}\n")),
        ];
        let path = |number: usize| builds[number].path.clone();
        let (live, by_feature, by_flag, records, declares) = (path(0), path(1), path(2), path(3), path(4));
        Programs { live, by_feature, by_flag, records, declares, _builds: builds }
    })
}

const BARE: &str = "use telemetry_runtime::{Sdk, sdk, telemetry_event};\n\
    pub static TELEMETRY: Sdk = sdk! { name: \"bare\", role: Application, default: On, env: \"BARE\", \
    endpoint: \"https://bare.example\", wire: EventBatch { strict: false }, docs: \"https://bare.example/telemetry\", \
    operator: \"Bare\", contact: \"privacy@bare.example\", region: \"EU\", retention: \"90 days\", shared_with: \"nobody\", exit: Later };\n\
    /// A thing was opened.\n#[telemetry_event]\nstruct Opened {\n/// Dark.\ndark: bool }\n";

/// The tool as people install it.
pub(crate) fn release_tool() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        succeed(cargo(&workspace()).args([
            "build",
            "--release",
            "--locked",
            "-p",
            "cargo-telemetry",
            "--bin",
            "cargo-telemetry",
        ]));
        target().join("release").join(format!("cargo-telemetry{}", std::env::consts::EXE_SUFFIX))
    };
    BUILT.get_or_init(build).clone()
}

/// A program of the system with these arguments; `None`, with a line that says so, where it is not installed.
pub(crate) fn tool(name: &str, arguments: &[&Path]) -> Option<bool> {
    match Command::new(name).args(arguments).output() {
        Ok(output) => {
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            Some(true)
        }
        Err(_) => {
            assert!(std::env::var_os("TELEMETRY_TESTS_TOOLS").is_none(), "{name} is missing");
            eprintln!("NOT RUN: {name} is missing; see scripts/audit-tools");
            None
        }
    }
}

#[test]
fn a_real_program_is_read_and_its_size_hardly_matters() {
    let reading = reader::read(&programs().live).unwrap();
    let sdks: Vec<_> = reading.manifest.sdks.iter().map(|sdk| sdk.sdk.as_str()).collect();
    assert_eq!(sdks, ["fixture-one", "fixture-two"]);
    assert!(reading.manifest.events.iter().any(|event| event.event == "one_dialog_opened"));
    assert!(reading.images[0].code && reading.is_complete());
}

#[test]
fn a_program_without_telemetry_has_no_records_and_that_is_an_error() {
    for path in [&programs().by_feature, &programs().by_flag] {
        assert!(matches!(reader::read(path), Err(ReadError::NoRecords { .. })), "{}", path.display());
    }
}

/// Under linker-plugin LTO, which cargo uses for `lto = "fat"`, an rlib holds bitcode instead of object files.
#[test]
fn an_rlib_of_bitcode_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("bitcode.rs");
    std::fs::write(&source, "pub fn one() -> u32 { std::hint::black_box(1) }\n").unwrap();
    let rlib = folder.path().join("libbitcode.rlib");
    let mut rustc = Command::new("rustc");
    rustc.args(["--crate-type=rlib", "-Copt-level=1", "-Clinker-plugin-lto", "-o"]).arg(&rlib).arg(&source);
    let built = output(&mut rustc);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let error = reader::read(&rlib).unwrap_err();
    assert!(error.to_string().contains("LLVM bitcode"), "{error}");
    assert!(matches!(error, ReadError::Incomplete(_)));
}
