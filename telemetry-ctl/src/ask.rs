//! What the user may ask, and what becomes of it.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use telemetry_runtime::{SdkFolder, sdk_folders};

use crate::show;

#[derive(Subcommand)]
pub(crate) enum Ask {
    /// Lists every SDK that has a folder on this machine
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Shows what the folder of an SDK says, and what else keeps it off
    Status {
        /// The SDK's name, as `list` shows it; all of them if there is none
        name: Option<String>,
    },
    /// Stores your no and deletes what waits to be sent
    Off(Which),
    /// Shows what was sent lately and what became of it
    Log {
        /// The SDK's name, as `list` shows it
        name: String,
        /// As it stands in the file: a line of JSON for each request
        #[arg(long)]
        json: bool,
    },
    /// Removes everything that was put on this machine, and nothing else
    Erase {
        #[command(flatten)]
        which: Which,
        /// Also a decision for off, which is kept otherwise
        #[arg(long)]
        forget: bool,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The names of the SDKs, as `list` shows them
    names: Vec<String>,
    /// Every SDK that has a folder
    #[arg(long)]
    all: bool,
}

impl Which {
    fn folders(&self) -> Result<Vec<SdkFolder>, String> {
        let there = sdk_folders();
        if self.all {
            return Ok(there);
        }
        self.names.iter().map(|name| find(&there, name)).collect()
    }
}

/// Outer errors are those of standard output; inner ones say why it could not be done.
pub(crate) fn run(ask: &Ask, out: &mut dyn Write) -> io::Result<Result<(), String>> {
    let named = |name: &str| find(&sdk_folders(), name);
    match ask {
        Ask::List { json } => show::list(&sdk_folders(), *json, out).map(Ok),
        Ask::Status { name: None } => {
            let folders = sdk_folders();
            if folders.is_empty() {
                return show::list(&folders, false, out).map(Ok);
            }
            folders.iter().try_for_each(|folder| show::status(folder, out)).map(Ok)
        }
        Ask::Status { name: Some(name) } => match named(name) {
            Ok(folder) => show::status(&folder, out).map(Ok),
            Err(reason) => Ok(Err(reason)),
        },
        Ask::Log { name, json } => match named(name) {
            Ok(folder) => show::log(&folder, *json, out).map(Ok),
            Err(reason) => Ok(Err(reason)),
        },
        Ask::Off(which) => each(
            which,
            |folder| {
                let events = folder.turn_off().map_err(|error| error.to_string())?;
                Ok(match events {
                    0 => "off. Nothing was waiting to be sent.".to_owned(),
                    1 => "off. 1 event was waiting to be sent, and deleted.".to_owned(),
                    events => format!("off. {events} events were waiting to be sent, and deleted."),
                })
            },
            out,
        ),
        Ask::Erase { which, forget } => each(
            which,
            |folder| folder.erase(*forget).map(|erased| erased.to_string()).map_err(|error| error.to_string()),
            out,
        ),
    }
}

/// Does it for each; one that fails does not keep the others from it.
fn each(
    which: &Which,
    act: impl Fn(&SdkFolder) -> Result<String, String>,
    out: &mut dyn Write,
) -> io::Result<Result<(), String>> {
    let folders = match which.folders() {
        Ok(folders) => folders,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut failed = Vec::new();
    for folder in &folders {
        match act(folder) {
            Ok(said) => writeln!(out, "{}: {said}", folder.name())?,
            Err(reason) => failed.push(format!("{}: {reason}", folder.name())),
        }
    }
    if folders.is_empty() {
        writeln!(out, "No SDK has a folder here.")?;
    }
    Ok(if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) })
}

fn find(folders: &[SdkFolder], name: &str) -> Result<SdkFolder, String> {
    folders.iter().find(|folder| folder.name() == name).cloned().ok_or_else(|| {
        let names: Vec<_> = folders.iter().map(SdkFolder::name).collect();
        match names.as_slice() {
            [] => format!("there is no SDK {name}: no SDK has a folder here"),
            names => format!("there is no SDK {name}; there are: {}", names.join(", ")),
        }
    })
}
