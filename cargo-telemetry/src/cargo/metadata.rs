//! Which package is meant.

use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, TargetKind};

use super::{Library, Package, RuntimeEntry};
use crate::{arguments::Source, exit_code::ExitCode, failure::Failure};

/// The crate that programs depend on.
pub(crate) const RUNTIME: &str = "telemetry-runtime";

/// The packages of a workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Its members.
    pub(crate) packages: Vec<Package>,
    /// The one whose manifest is named or is the nearest one above the current folder; none at the root of a workspace that is no
    /// package.
    pub(crate) current: Option<Package>,
}

/// The workspace of the manifest that is named, or of the current folder.
pub(crate) fn workspace(source: &Source) -> Result<Workspace, Failure> {
    let metadata = ask(source)?;
    Ok(Workspace {
        root: metadata.workspace_root.as_std_path().to_owned(),
        packages: metadata.packages.iter().map(|package| read(&metadata, package)).collect(),
        current: current(source, &metadata).map(|package| read(&metadata, package)),
    })
}

fn ask(source: &Source) -> Result<Metadata, Failure> {
    let mut command = MetadataCommand::new();
    command.no_deps().other_options(source.lock_options());
    if let Some(path) = &source.manifest_path {
        command.manifest_path(path);
    }
    command.exec().map_err(|error| failure(&error))
}

/// The package that `source` means: the one that is named, else the one of the manifest or the current folder.
pub(crate) fn locate(source: &Source) -> Result<Package, Failure> {
    let metadata = ask(source)?;
    let found = match &source.package {
        Some(name) => metadata.packages.iter().find(|package| package.name.as_str() == name.as_str()),
        None => current(source, &metadata).or_else(|| only(&metadata)),
    };
    match (found, &source.package) {
        (Some(package), _) => Ok(read(&metadata, package)),
        (None, Some(name)) => Err(Failure::usage(format!("no package `{name}` in this workspace"))
            .with_hint(format!("it has {}", names(&metadata)))),
        (None, None) => Err(Failure::usage("this workspace has several packages")
            .with_hint(format!("name one with `--package NAME`: {}", names(&metadata)))),
    }
}

/// The package whose manifest is named or is the nearest one above the current folder.
fn current<'a>(source: &Source, metadata: &'a Metadata) -> Option<&'a cargo_metadata::Package> {
    let nearest = match &source.manifest_path {
        Some(path) => path.canonicalize().ok()?,
        None => {
            let here = std::env::current_dir().ok()?;
            here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file())?.canonicalize().ok()?
        }
    };
    let is_nearest = |path: &Path| path.canonicalize().is_ok_and(|path| path == nearest);
    metadata.packages.iter().find(|package| is_nearest(package.manifest_path.as_std_path()))
}

/// The package of a workspace that has only one, or that says which one is meant.
fn only(metadata: &Metadata) -> Option<&cargo_metadata::Package> {
    if let [package] = metadata.packages.as_slice() {
        return Some(package);
    }
    // Asked for first, because cargo before 1.71 does not say, and looking would panic.
    if !metadata.workspace_default_members.is_available() {
        return None;
    }
    match &*metadata.workspace_default_members {
        [id] => metadata.packages.iter().find(|package| package.id == *id),
        _ => None,
    }
}

fn names(metadata: &Metadata) -> String {
    let mut names: Vec<_> = metadata.packages.iter().map(|package| format!("`{}`", package.name)).collect();
    names.sort();
    names.join(", ")
}

fn read(metadata: &Metadata, package: &cargo_metadata::Package) -> Package {
    let of_kind = |kind: TargetKind| {
        package.targets.iter().filter(|target| target.kind.contains(&kind)).map(|target| target.name.clone()).collect()
    };
    let manifest_path = PathBuf::from(package.manifest_path.as_std_path());
    Package {
        name: package.name.to_string(),
        folder: manifest_path.parent().unwrap_or(Path::new("")).to_owned(),
        manifest_path,
        bins: of_kind(TargetKind::Bin),
        default_run: package.default_run.clone(),
        examples: of_kind(TargetKind::Example),
        library: package.targets.iter().find_map(|target| library(&target.kind)),
        features: package.features.iter().map(|(name, on)| (name.to_string(), on.clone())).collect(),
        required_features: package
            .targets
            .iter()
            .filter(|target| target.kind.contains(&TargetKind::Bin) && !target.required_features.is_empty())
            .map(|target| (target.name.clone(), target.required_features.clone()))
            .collect(),
        runtimes: package
            .dependencies
            .iter()
            .filter(|dependency| [RUNTIME, "telemetry-veto"].contains(&dependency.name.as_str()))
            .map(key)
            .collect(),
        runtime_entries: package.dependencies.iter().filter_map(runtime_entry).collect(),
        target_folder: metadata.target_directory.as_std_path().to_owned(),
        build_folder: metadata.build_directory.as_ref().unwrap_or(&metadata.target_directory).as_std_path().to_owned(),
    }
}

/// The key of a dependency in the manifest.
fn key(dependency: &Dependency) -> String {
    dependency.rename.clone().unwrap_or_else(|| dependency.name.clone())
}

fn runtime_entry(dependency: &Dependency) -> Option<RuntimeEntry> {
    let is_for_tests = match dependency.kind {
        DependencyKind::Normal => false,
        DependencyKind::Development => true,
        _ => return None,
    };
    (dependency.name == RUNTIME && dependency.target.is_none()).then(|| RuntimeEntry {
        key: key(dependency),
        is_for_tests,
        has_testing: dependency.features.iter().any(|feature| feature == "testing"),
    })
}

fn library(kinds: &[TargetKind]) -> Option<Library> {
    kinds.iter().find_map(|kind| match kind {
        TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib | TargetKind::CDyLib | TargetKind::StaticLib => {
            Some(Library::Linked)
        }
        TargetKind::ProcMacro => Some(Library::ProcMacro),
        _ => None,
    })
}

fn failure(error: &cargo_metadata::Error) -> Failure {
    let message = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            let text = stderr.trim();
            text.strip_prefix("error: ").unwrap_or(text).to_owned()
        }
        other => format!("cannot ask cargo about the package: {other}"),
    };
    if message.contains("could not find `Cargo.toml`") {
        return Failure::usage(message).with_hint(
            "name a program, go to the folder of a package, or name its manifest with `--manifest-path PATH`",
        );
    }
    Failure::new(ExitCode::Build, message)
}
