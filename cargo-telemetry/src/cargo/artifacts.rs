//! `cargo build`, and what its messages say was built.

use std::{
    io::BufReader,
    path::PathBuf,
    process::{Command, Stdio},
};

use cargo_metadata::{Artifact, CrateType, Message, TargetKind};

use super::{Choice, Package};
use crate::{arguments::Source, exit_code::ExitCode, failure::Failure};

/// All that cargo says of one build.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// What the compiler has made, dependencies included.
    pub(super) artifacts: Vec<Artifact>,
    /// What compiles telemetry out, if something does.
    pub(super) compiled_out: Option<CompiledOut>,
}

/// The two switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompiledOut {
    /// A crate of the graph sets the feature.
    Feature,
    /// The compiler's flags have the cfg.
    Cfg,
}

/// `cargo build` of `package` with the flags of `source` that are neither target nor profile.
pub(super) fn command(source: &Source, package: &Package) -> Command {
    let mut command = Command::new(super::executable());
    command.args(["build", "--message-format=json-render-diagnostics", "--manifest-path"]).arg(&package.manifest_path);
    for feature in source.features() {
        command.args(["--features", feature]);
    }
    if source.no_default_features {
        command.arg("--no-default-features");
    }
    command.args(source.lock_options());
    if source.quiet {
        command.arg("--quiet");
    }
    command
}

/// Runs cargo to its end. What it says to people goes to standard error, as it comes.
pub(super) fn run(mut command: Command) -> Result<Built, Failure> {
    let failed = |what: &dyn std::fmt::Display| Failure::new(ExitCode::Build, format!("cannot run cargo: {what}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| failed(&error))?;
    let mut built = Built::default();
    if let Some(messages) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(messages)) {
            match message.map_err(|error| failed(&error))? {
                Message::CompilerArtifact(artifact) => built.take(artifact),
                // The runtime's own build script has asked the veto crate, whichever way the switch was set.
                Message::BuildScriptExecuted(script) if script.cfgs.iter().any(|cfg| cfg == "compiled_out") => {
                    built.compiled_out.get_or_insert(CompiledOut::Cfg);
                }
                _ => {}
            }
        }
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    if status.success() {
        Ok(built)
    } else {
        Err(Failure::new(ExitCode::Build, "the package could not be built; cargo says above why"))
    }
}

impl Built {
    fn take(&mut self, artifact: Artifact) {
        if artifact.target.name == "telemetry_veto" && artifact.features.iter().any(|on| on == "no-telemetry") {
            self.compiled_out = Some(CompiledOut::Feature);
        }
        self.artifacts.push(artifact);
    }

    /// What `choice` names: a program, or an example, which may be a library.
    pub(super) fn program(&self, package: &Package, choice: &Choice) -> Option<&Artifact> {
        let (kind, name) = match choice {
            Choice::Binary(name) => (TargetKind::Bin, name),
            Choice::Example(name) => (TargetKind::Example, name),
            Choice::Library => return None,
        };
        self.artifacts.iter().find(|artifact| {
            artifact.manifest_path.as_std_path() == package.manifest_path
                && artifact.target.name == *name
                && artifact.target.kind.contains(&kind)
        })
    }

    /// Rust libraries that programs of this build load when they start: what those hold is part of the program.
    pub(super) fn loaded(&self) -> Vec<PathBuf> {
        let libraries =
            self.artifacts.iter().filter(|artifact| artifact.target.crate_types.contains(&CrateType::DyLib));
        let files = libraries.flat_map(|artifact| &artifact.filenames).map(|path| path.as_std_path().to_owned());
        files
            .filter(|path| path.extension().is_some_and(|ext| ["so", "dylib", "dll"].iter().any(|known| ext == *known)))
            .collect()
    }

    /// What is said of a build without records that telemetry was compiled out of. Never "no events": that would be
    /// true of this build only.
    pub(super) fn without_telemetry(&self, package: &Package, otherwise: Failure) -> Failure {
        let (why, hint) = match self.compiled_out {
            None => return otherwise,
            Some(CompiledOut::Feature) => (
                "a crate of this build sets the feature `no-telemetry`",
                "`cargo tree --edges features --invert telemetry-veto` says which one; \
                 build without it to list the events, or prove their absence with `cargo telemetry absent`",
            ),
            Some(CompiledOut::Cfg) => (
                "`--cfg no_telemetry` is among the compiler's flags",
                "take it out of RUSTFLAGS or cargo's configuration to list the events, \
                 or prove their absence with `cargo telemetry absent`",
            ),
        };
        Failure::new(ExitCode::CannotTell, format!("`{}` is built without telemetry: {why}", package.name))
            .with_hint(hint)
    }
}
