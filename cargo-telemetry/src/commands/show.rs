//! `cargo telemetry show`.

use std::path::PathBuf;

use clap::Args;
use telemetry_schema::{EventDescriptor, Manifest};

use crate::{
    arguments::{Format, Source},
    exit_code::ExitCode,
    failure::Failure,
    output, report,
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry show component_mounted                   all events of this name, of the current package
  cargo telemetry show acme-ui/component_mounted/SignIn    the one of this key
  cargo telemetry show session_started target/release/app  an event of a program";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Name of the event, `sdk/event`, or the whole key; all that match are shown.
    event: String,
    #[command(flatten)]
    source: Source,
    /// How it is written; JSON is that of `list`, with these events only.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Options")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // The mistake that everybody makes once: `show target/debug/app`.
    if arguments.source.path.is_none() && PathBuf::from(&arguments.event).is_file() {
        let message = format!("`{}` is a file, and the name of an event comes first", arguments.event);
        return Err(Failure::usage(message).with_hint(format!(
            "write `cargo telemetry show EVENT {path}`; `cargo telemetry list {path}` has the names",
            path = arguments.event
        )));
    }
    let manifest = super::resolve(&arguments.source)?.manifest;
    let found: Vec<_> = manifest.events.iter().filter(|event| is_named(event, &arguments.event)).collect();
    if found.is_empty() {
        return Err(unknown(&arguments.event, &manifest));
    }
    let shown: Vec<String> = match arguments.format {
        Format::Text => found.iter().map(|event| report::show::text(event, &manifest)).collect(),
        Format::Markdown => found.iter().map(|event| report::show::markdown(event, &manifest)).collect(),
        Format::Json => {
            let events: Vec<_> = found.iter().map(|event| (*event).clone()).collect();
            let is_theirs = |sdk: &str| events.iter().any(|event| event.sdk == sdk);
            let sdks = manifest.sdks.iter().filter(|sdk| is_theirs(&sdk.sdk)).cloned().collect();
            vec![report::json::list(&Manifest::new(sdks, events))]
        }
    };
    output::result(&shown.join("\n"))?;
    Ok(ExitCode::Holds)
}

/// `event`, `sdk/event`, `event/discriminant` or the whole key.
fn is_named(event: &EventDescriptor, name: &str) -> bool {
    let of_sdk = format!("{}/{}", event.sdk, event.event);
    let within = event.discriminant.as_ref().map(|discriminant| format!("{}/{discriminant}", event.event));
    name == event.event || name == of_sdk || name == event.key() || within.as_deref() == Some(name)
}

/// An event that is not there is something found out, not a wrong command line: exit code 1.
fn unknown(name: &str, manifest: &Manifest) -> Failure {
    let likeness = |event: &EventDescriptor| {
        let names = [event.event.clone(), event.discriminant.clone().unwrap_or_default(), event.key()];
        let lower = name.to_lowercase();
        names.iter().map(|known| strsim::jaro_winkler(&lower, &known.to_lowercase())).fold(0.0, f64::max)
    };
    let mut close: Vec<_> = manifest.events.iter().map(|event| (likeness(event), event.key())).collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    close.dedup_by(|a, b| a.1 == b.1);
    close.retain(|(likeness, _)| *likeness > 0.7);
    close.truncate(3);
    let failure = Failure::new(ExitCode::Found, format!("no event `{name}`"));
    if close.is_empty() {
        return failure.with_hint("`cargo telemetry list` has all names");
    }
    let close: Vec<_> = close.into_iter().map(|(_, key)| format!("`{key}`")).collect();
    failure.with_hint(format!("close to it: {}", close.join(", ")))
}
