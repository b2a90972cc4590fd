//! What cargo knows of a package, and what it builds of it.

mod artifacts;
mod choice;
mod config;
mod folder;
mod library;
mod metadata;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    path::PathBuf,
};

use telemetry_schema::Manifest;

use crate::{
    arguments::Source,
    exit_code::ExitCode,
    failure::Failure,
    output,
    source::{Resolved, read_binaries},
};

pub(crate) use choice::Choice;
pub(crate) use folder::folder;
pub(crate) use metadata::{RUNTIME, Workspace, locate, workspace};

/// The cargo that called this program, or the one on the path.
pub(crate) fn executable() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A package of the current workspace.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
    /// The folder of that: where the lock file and the rules lie.
    pub(crate) folder: PathBuf,
    /// The names of its binaries.
    pub(crate) bins: Vec<String>,
    /// The binary that `cargo run` takes where there are several.
    pub(crate) default_run: Option<String>,
    /// The names of its examples.
    pub(crate) examples: Vec<String>,
    /// Whether it has a library, and of which kind.
    pub(crate) library: Option<Library>,
    /// Its features, each with what it turns on; optional dependencies that are features by themselves are among them.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    /// What its binaries require, where they do not build without.
    pub(crate) required_features: BTreeMap<String, Vec<String>>,
    /// The names under which it depends on the runtime or on what decides whether that is compiled out.
    pub(crate) runtimes: BTreeSet<String>,
    /// Where its manifest names the runtime, for every target.
    pub(crate) runtime_entries: Vec<RuntimeEntry>,
    /// Where cargo puts what it was asked for.
    pub(crate) target_folder: PathBuf,
    /// Where it puts what it builds on the way: the same, unless `build.build-dir` names another one.
    pub(crate) build_folder: PathBuf,
}

/// An entry for the runtime in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuntimeEntry {
    /// Its key: another than the name of the crate where that is renamed.
    pub(crate) key: String,
    /// Whether it is for tests alone, or for the package; build scripts have entries of their own, which are not among these.
    pub(crate) is_for_tests: bool,
    /// Whether it turns `testing` on.
    pub(crate) has_testing: bool,
}

/// The library of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    /// Crates link to it, or a foreign linker does.
    Linked,
    /// The compiler loads it: it is no part of any program.
    ProcMacro,
}

/// Builds what `source` asks for, and reads its records.
pub(crate) fn build(source: &Source) -> Result<Resolved, Failure> {
    let package = locate(source)?;
    let choice = choice::choose(source, &package)?;
    let manifest = build_one(source, &package, &choice)?;
    Ok(Resolved { manifest, name: format!("{choice} of `{}`", package.name), lock: None })
}

/// Builds one program or library of `package` by the features, the profile and the target of `source`.
pub(crate) fn build_one(source: &Source, package: &Package, choice: &Choice) -> Result<Manifest, Failure> {
    match choice {
        Choice::Library => library::build(source, package),
        Choice::Binary(_) | Choice::Example(_) => program(source, package, choice),
    }
}

fn program(source: &Source, package: &Package, choice: &Choice) -> Result<Manifest, Failure> {
    output::note(&format!("building the {choice} of `{}` to read its telemetry records", package.name));
    let mut command = artifacts::command(source, package);
    match choice {
        Choice::Binary(name) => command.args(["--bin", name]),
        Choice::Example(name) => command.args(["--example", name]),
        Choice::Library => command.arg("--lib"),
    };
    if let Some(profile) = source.profile() {
        command.args(["--profile", profile]);
    }
    if let Some(target) = &source.target {
        command.args(["--target", target]);
    }
    let built = artifacts::run(command)?;
    let chosen = built.program(package, choice).ok_or_else(|| {
        Failure::new(ExitCode::CannotTell, format!("cargo has built no {choice} of `{}`", package.name))
    })?;
    // An example may be a library.
    let Some(path) = &chosen.executable else { return library::read(&built, chosen, package, &choice.to_string()) };
    match read_binaries(path.as_std_path(), &built.loaded()) {
        Err(failure) if built.compiled_out.is_some() => Err(built.without_telemetry(package, failure)),
        read => read,
    }
}
