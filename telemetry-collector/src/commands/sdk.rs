//! `sdk`: which SDKs may send.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use super::remote::Remote;
use crate::{
    arguments::{DataArguments, result},
    exit_code::ExitCode,
    failure::Failure,
    page::ADD_PATH,
    registry::{
        edit::{self, AddOptions, AddedSdk},
        source,
    },
};

/// The commands below `sdk`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add what programs, lock files or manifests describe. A running collector takes it within a second.
    Add(AddArguments),
    /// List the SDKs that may send, with their versions and paths.
    List(ListArguments),
    /// Answer 410 to an SDK, or to one version of it: its clients stop for good.
    Retire(RetireArguments),
}

/// Arguments of `sdk add`.
#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Programs, libraries, archives, `telemetry.lock` files, or the JSON of manifests.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only this SDK of them.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// The version that they describe, where they do not say: a lock file holds none.
    #[arg(long = "sdk-version", value_name = "VERSION")]
    version: Option<String>,
    /// The path at which it is reached, in place of that of its endpoint.
    #[arg(long, value_name = "PATH")]
    prefix: Option<String>,
    /// Not in a folder of this machine, but at the operator's address of a collector that runs, with the token in the variable
    /// TELEMETRY_COLLECTOR_TOKEN.
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "config"])]
    url: Option<String>,
}

/// Arguments of `sdk list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `sdk retire`.
#[derive(Debug, Args)]
pub(crate) struct RetireArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The SDK.
    name: String,
    /// Only this version of it.
    #[arg(long = "sdk-version", value_name = "VERSION")]
    version: Option<String>,
    /// Take it back. Clients that were told 410 stay silent until their users say otherwise.
    #[arg(long)]
    undo: bool,
}

/// Runs one of them.
pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Add(arguments) => add(arguments),
        Command::List(arguments) => list(arguments),
        Command::Retire(arguments) => {
            let data = arguments.data.config()?.server.data;
            edit::retire(&data, &arguments.name, arguments.version.as_deref(), arguments.undo)?;
            Ok(ExitCode::Holds)
        }
    }
}

/// Where the list of SDKs is.
enum List {
    /// In a data folder of this machine.
    Here(PathBuf),
    /// At a collector that runs elsewhere.
    There(Remote),
}

impl List {
    fn add(&self, file: &Path, options: &AddOptions) -> Result<Vec<AddedSdk>, Failure> {
        match self {
            Self::Here(data) => edit::add_file(data, file, options),
            Self::There(remote) => remote.add(&source::read(file)?, options),
        }
    }
}

fn add(arguments: &AddArguments) -> Result<ExitCode, Failure> {
    let options =
        AddOptions { sdk: arguments.sdk.clone(), version: arguments.version.clone(), prefix: arguments.prefix.clone() };
    let list = match &arguments.url {
        Some(url) => List::There(Remote::at(url, ADD_PATH)?),
        None => List::Here(arguments.data.config()?.server.data),
    };
    let mut text = String::new();
    for file in &arguments.files {
        for added in list.add(file, &options)? {
            let state = if added.is_new { "added" } else { "known already" };
            let at = if added.prefix.is_empty() { "/" } else { &added.prefix };
            let _ = writeln!(text, "{} {}: {} events at {at}, {state}", added.sdk, added.version, added.events);
        }
    }
    result(&text).map(|()| ExitCode::Holds)
}

fn list(arguments: &ListArguments) -> Result<ExitCode, Failure> {
    let entries = edit::list(&arguments.data.config()?.server.data)?;
    let mut text = String::new();
    if arguments.json {
        let sdks: Vec<_> = entries
            .iter()
            .map(|entry| {
                serde_json::json!({
                    "sdk": entry.sdk,
                    "retired": entry.retired,
                    "retired_versions": entry.retired_versions,
                    "paths": entry.paths().into_iter().map(|(path, _)| path).collect::<Vec<_>>(),
                    "versions": entry.versions(),
                })
            })
            .collect();
        text = format!("{:#}\n", serde_json::json!({ "sdks": sdks }));
    } else if entries.is_empty() {
        text.push_str("no SDK may send yet; `telemetry-collector sdk add FILE` adds one\n");
    }
    for entry in entries.iter().filter(|_| !arguments.json) {
        let _ = writeln!(text, "{}{}", entry.sdk, if entry.retired { " (retired)" } else { "" });
        for (path, route) in entry.paths() {
            let _ = writeln!(text, "  {} {path}", route.method());
        }
        for version in entry.versions() {
            let is_retired = entry.retired_versions.contains(&version);
            let _ = writeln!(text, "  {version}{}", if is_retired { " (retired)" } else { "" });
        }
    }
    result(&text).map(|()| ExitCode::Holds)
}
