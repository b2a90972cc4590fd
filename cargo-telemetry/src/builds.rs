//! The builds that one lock file unites: which there are, and what programs of each can record.
//!
//! `telemetry-check.toml` declares them. Where it declares none there is one build, which flags describe and the lock file
//! remembers.

mod coverage;
mod features;
mod plan;

use self::plan::Step;
use crate::{
    arguments::{Source, refuse_all_features},
    cargo,
    config::{self, Config},
    exit_code::ExitCode,
    failure::Failure,
    lock::{self, Build, Builds, Lock},
    output,
    programs::{Program, Read},
    source::{self, lock_file},
    words,
};

pub(crate) use coverage::check as coverage;

/// Which builds a command is about.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// All builds, in the order of their declaration.
    pub(crate) all: Vec<Build>,
    /// Whether they are declared, and not made of flags and of what the lock file remembers.
    pub(crate) declared: bool,
    /// The names of those that are built and compared.
    pub(crate) names: Builds,
}

impl Chosen {
    /// The builds that are built and compared.
    pub(crate) fn builds(&self) -> impl Iterator<Item = &Build> {
        self.all.iter().filter(|build| self.names.contains(&build.name))
    }

    /// Whether others were left out.
    pub(crate) fn is_restricted(&self) -> bool {
        self.names.len() < self.all.len()
    }
}

/// The builds that `source`, `config` and a lock file ask for; of them those of the names `only`, or all.
pub(crate) fn choose(
    source: &Source,
    config: &Config,
    known: Option<&[Build]>,
    only: &[String],
) -> Result<Chosen, Failure> {
    let declared = !config.builds.is_empty();
    let all = if declared {
        if let (None, Some(flag)) = (&source.path, source.build_flags().iter().find(|flag| **flag != "--package")) {
            let message = format!("builds are declared in {}, so `{flag}` has no place here", config.name);
            return Err(Failure::usage(message).with_hint("edit the build there, or choose one with `--build NAME`"));
        }
        config.builds.clone()
    } else {
        let known = match known {
            Some([one]) => one.clone(),
            _ => Build::default(),
        };
        vec![with_flags(known, source)]
    };
    if let Some(unknown) = only.iter().find(|name| all.iter().all(|build| build.name != **name)) {
        let names: Vec<_> = all.iter().map(|build| format!("`{}`", build.name)).collect();
        return Err(Failure::usage(format!("no build is named `{unknown}`"))
            .with_hint(format!("there is {}", names.join(", "))));
    }
    let chosen = |build: &&Build| only.is_empty() || only.contains(&build.name);
    let names: Builds = all.iter().filter(chosen).map(|build| build.name.clone()).collect();
    if source.path.is_some() && names.len() > 1 {
        let message = "this package has several builds, and a program is of one of them";
        return Err(Failure::usage(message).with_hint("say which one with `--build NAME`"));
    }
    Ok(Chosen { all, declared, names })
}

/// Flags win, each for its own part. An empty feature says "none" where the lock file has some.
fn with_flags(mut build: Build, source: &Source) -> Build {
    if source.path.is_some() {
        return build;
    }
    if source.lib || source.bin.is_some() || source.example.is_some() {
        build.lib = source.lib;
        build.bins = source.bin.iter().cloned().collect();
        build.examples = source.example.iter().cloned().collect();
    }
    if !source.features.is_empty() {
        build.features = source.features().map(str::to_owned).collect();
    }
    build.default_features &= !source.no_default_features;
    build.profile = source.profile().map(str::to_owned).or(build.profile);
    build.target = source.target.clone().or(build.target);
    build
}

/// Builds and reads all programs of the builds that were chosen, or reads the program that `source` names.
pub(crate) fn read(source: &Source, chosen: &Chosen, config_name: &str) -> Result<Read, Failure> {
    refuse_all_features(source)?;
    if let Some(path) = &source.path {
        let resolved = source::read_file(path)?;
        let build = chosen.names.first().cloned().unwrap_or_default();
        return Ok(Read::new(vec![Program { build, manifest: resolved.manifest }], resolved.name));
    }
    let workspace = cargo::workspace(source)?;
    let steps = plan::steps(source, chosen, &workspace, config_name)?;
    let (mut programs, mut none) = (Vec::new(), None);
    for (number, step) in steps.iter().enumerate() {
        if steps.len() > 1 {
            output::note(&format!("{} of {}: build `{}`", number + 1, steps.len(), step.build));
        }
        match cargo::build_one(&step.source, &step.package, &step.choice) {
            Ok(manifest) => programs.push(Program { build: step.build.clone(), manifest }),
            Err(failure) if !failure.is_without_records => return Err(in_build(failure, step, steps.len())),
            Err(failure) => {
                if steps.len() > 1 {
                    output::note(&format!("the {} of `{}` holds no telemetry records", step.choice, step.package.name));
                }
                none = Some(failure);
            }
        }
    }
    if let (true, Some(failure)) = (programs.is_empty(), none) {
        return Err(failure);
    }
    Ok(Read::new(programs, name(&steps)))
}

/// With the build, where there are several: cargo's own words do not say which one failed.
fn in_build(failure: Failure, step: &Step, steps: usize) -> Failure {
    if steps == 1 {
        return failure;
    }
    Failure { message: format!("build `{}`, {}: {}", step.build, step.choice, failure.message), ..failure }
}

fn name(steps: &[Step]) -> String {
    match steps {
        [only] => format!("{} of `{}`", only.choice, only.package.name),
        several => {
            let builds: Builds = several.iter().map(|step| step.build.clone()).collect();
            let programs = words::counted(several.len(), "program");
            format!("{programs} in {}", words::counted(builds.len(), "build"))
        }
    }
}

/// Everything that all builds of the package can record, for commands that show one manifest.
pub(crate) fn read_all(source: &Source) -> Result<source::Resolved, Failure> {
    let folder = cargo::folder(source)?;
    let config = config::read(&folder.join(config::FILE_NAME), false)?;
    let lock = lock_file::read(&folder.join(lock::FILE_NAME))?;
    let chosen = choose(source, &config, lock.as_ref().map(Lock::builds), &[])?;
    let read = read(source, &chosen, &config.name)?;
    // As the lock file has it: the same event in two builds is one event, wherever it stands.
    let manifest = read.lock(chosen.all).manifest().clone();
    if manifest.events.is_empty() && manifest.sdks.is_empty() {
        return Err(Failure::new(ExitCode::CannotTell, "no program of these builds holds telemetry records"));
    }
    Ok(source::Resolved { manifest, name: read.name, lock: None })
}
