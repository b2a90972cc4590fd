//! The programs that the installations run: built from the sources, run as processes of their own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::installation::{Network, Run};
use crate::{exit_code::ExitCode, failure::Failure};

/// The packages in `examples/month/`, by version.
const PACKAGES: [&str; 2] = ["month-v1", "month-v2"];

/// The programs of both versions.
#[derive(Debug)]
pub(crate) struct Programs {
    /// Version 1.4.0.
    pub(crate) first: PathBuf,
    /// Version 1.5.0.
    pub(crate) second: PathBuf,
}

/// Where a run's requests go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    /// Requests and answers come through.
    pub(crate) clear: u16,
    /// Answers do not.
    pub(crate) unheard: u16,
}

/// A port at which nobody listens: `tcpmux`, which no system of today serves.
const NOBODY: u16 = 1;

impl Programs {
    /// Builds them with cargo, in the sources around the working directory or around this program.
    pub(crate) fn build() -> Result<Self, Failure> {
        let root = root().ok_or_else(|| {
            Failure::new(ExitCode::NoInput, "the programs of the demo are not here")
                .with_hint("run it in the sources: `cargo run -p telemetry-collector -- demo --once`")
        })?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&root).args(["build", "--message-format=json-render-diagnostics"]);
        PACKAGES.iter().for_each(|package| _ = command.args(["-p", package]));
        let failed =
            |why: String| Failure::new(ExitCode::CannotTell, format!("cannot build the demo's programs: {why}"));
        let output = command.stderr(Stdio::inherit()).output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(output.status.to_string()));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let executable = |package: &str| {
            let of_package = said.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            let mut of_package =
                of_package.filter(|message| message.pointer("/target/name").is_some_and(|name| name == package));
            of_package.find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        };
        let [first, second] = PACKAGES.map(executable);
        match (first, second) {
            (Some(first), Some(second)) => Ok(Self { first, second }),
            _ => Err(failed("cargo does not say where they are".to_owned())),
        }
    }

    /// Runs one of them to its end, in a home of its own below `homes`.
    pub(crate) fn run(&self, run: &Run, now: i64, ports: Ports, homes: &Path) -> Result<(), Failure> {
        let home = homes.join(format!("{}-{}", run.sdk.word(), run.installation));
        let failed =
            |why: String| Failure::new(ExitCode::CannotTell, format!("a program of the demo has failed: {why}"));
        std::fs::create_dir_all(&home).map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new(if run.is_second { &self.second } else { &self.first });
        command.current_dir(&home).env_clear().stdin(Stdio::null());
        for variable in ["PATH", "LD_LIBRARY_PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        command.env("HOME", &home).env("XDG_STATE_HOME", home.join("state")).env("LOCALAPPDATA", home.join("state"));
        if run.is_out {
            command.env("DO_NOT_TRACK", "1");
        }
        let port = match run.network {
            Network::Clear => ports.clear,
            Network::Unheard => ports.unheard,
            Network::Down => NOBODY,
        };
        command.args([run.sdk.word(), &now.to_string(), &port.to_string()]).args(&run.words);
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        Err(failed(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())))
    }
}

/// The folder of the workspace.
fn root() -> Option<PathBuf> {
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let is_root = |place: &&Path| place.join("examples/month/v1/Cargo.toml").is_file();
    places.into_iter().flatten().find_map(|place| place.ancestors().find(is_root).map(Path::to_owned))
}
