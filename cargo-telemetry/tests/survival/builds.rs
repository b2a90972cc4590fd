//! Builds the fixture workspace.
//!
//! Everything is compiled with its bitcode, so that one build of the dependencies serves all kinds of optimization.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

/// The workspace.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("survival/fixture")
}

/// How a package is built.
#[derive(Debug, Clone, Default)]
pub(crate) struct How {
    /// The development profile instead of that of releases.
    pub(crate) debug: bool,
    /// Settings of the profile for the crates that hold the events, such as `codegen-units=1`.
    pub(crate) profile: Vec<&'static str>,
    /// Arguments to the compiler for the package itself, such as `-Clto=fat`.
    pub(crate) rustc: Vec<String>,
}

/// A file that was built, in a folder of its own.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

/// The crates whose records are looked for, and the one with the dispatcher that refers to them.
const OURS: [&str; 5] = ["app", "image", "places", "reached", "telemetry-runtime"];

/// Builds `package` and takes a copy of `file`: the next build may replace it.
#[track_caller]
pub(crate) fn build(package: &str, file: &str, how: &How) -> Built {
    // One build and copy at a time; tests of one binary run side by side.
    static BUILDS: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
    let (profile, output) = if how.debug { ("dev", "debug") } else { ("release", "release") };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("survival");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    for variable in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(variable);
    }
    command
        .current_dir(folder())
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_COLOR", "never")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .args(["rustc", "--locked", "--profile", profile, "--package", package]);
    for setting in &how.profile {
        for ours in OURS {
            command.args(["--config", &format!("profile.{profile}.package.{ours}.{setting}")]);
        }
    }
    // A library is built as an archive or as a shared library, not as both: not every optimization can do both.
    match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("a") => drop(command.args(["--crate-type", "staticlib"])),
        Some("so") => drop(command.args(["--crate-type", "cdylib"])),
        _ => {}
    }
    command.arg("--").args(&how.rustc);
    run(&mut command);
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let path = folder.path().join(file);
    let built = target.join(output).join(file);
    telemetry_tests::install_program(&built, &path);
    Built { path, _folder: folder }
}

/// Links the archive with a program in C, as people do who use a library from another language.
#[track_caller]
pub(crate) fn link(archive: &Built, arguments: &[&str]) -> Built {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let path = folder.path().join("program");
    let mut command = Command::new("cc");
    command.arg(self::folder().join("image/main.c")).arg("-o").arg(&path).args(arguments);
    if !arguments.contains(&"-Wl,--whole-archive") {
        command.arg(&archive.path);
    } else {
        command.arg(&archive.path).arg("-Wl,--no-whole-archive");
    }
    run(command.args(["-Wl,--gc-sections", "-lpthread", "-ldl", "-lm", "-lrt", "-lutil"]));
    Built { path, _folder: folder }
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}
