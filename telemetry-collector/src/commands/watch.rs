//! `watch`: events as a running collector takes them, refusals with the reason.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::remote::Remote;
use crate::{
    arguments::{DataArguments, result},
    exit_code::ExitCode,
    failure::Failure,
    page::{OPERATOR_FILE, WATCH_PATH},
};

/// What comes in from now on, until the collector ends. Of what is refused the reason is shown, and nothing else: it is nowhere kept.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: DataArguments,
    /// Not the collector of this data folder, but the one with this operator's address, with the token in the variable
    /// TELEMETRY_COLLECTOR_TOKEN.
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data"])]
    url: Option<String>,
    /// How it is written; JSON is a line for each event.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let remote = match &arguments.url {
        Some(url) => Remote::at(url, WATCH_PATH)?,
        None => {
            let config = arguments.place.config()?;
            let file = config.server.data.join(OPERATOR_FILE);
            let token = std::fs::read_to_string(&file).map_err(|error| {
                Failure::new(ExitCode::NoInput, format!("cannot read {}: {error}", file.display()))
                    .with_hint("is `--data` the folder of a collector that runs? `--url` names one elsewhere")
            })?;
            Remote::with(&format!("http://{}", config.server.admin), WATCH_PATH, &token)?
        }
    };
    let mut failed = None;
    remote.lines(|line| {
        let text = match arguments.format {
            Format::Json if line.get("watching").is_some() => None,
            Format::Json => Some(format!("{line}\n")),
            Format::Text => text(line),
        };
        if line.get("watching").is_some() {
            let _ = writeln!(anstream::stderr(), "watching: events are shown as they arrive");
        }
        failed = text.and_then(|text| result(&text).err());
        failed.is_none()
    })?;
    match failed {
        Some(failure) => Err(failure),
        None => {
            let _ = writeln!(anstream::stderr(), "the collector has ended");
            Ok(ExitCode::Holds)
        }
    }
}

/// `acme-ui/component_mounted/SignIn 1.0.0 2026-11-22 accepted {"theme":true}`
fn text(line: &Value) -> Option<String> {
    if let Some(missed) = line.get("missed") {
        return Some(format!("({missed} lines were not shown: they came faster than they were read)\n"));
    }
    let word = |key: &str| line.get(key).and_then(Value::as_str).filter(|word| !word.is_empty());
    let (sdk, answer) = (word("sdk")?, word("answer")?);
    if let Some(reason) = word("reason") {
        return Some(format!("{sdk} refused {reason} ({})\n", line.get("n").unwrap_or(&Value::Null)));
    }
    let name = [Some(sdk), word("event"), word("discriminant")].into_iter().flatten().collect::<Vec<_>>().join("/");
    let unknown = if line.get("is_version_known") == Some(&Value::Bool(false)) { " (unknown version)" } else { "" };
    let (version, day) = (word("version").unwrap_or("-"), word("day").unwrap_or("-"));
    let payload = line.get("payload").unwrap_or(&Value::Null);
    Some(format!("{name} {version}{unknown} {day} {answer} {payload}\n"))
}
