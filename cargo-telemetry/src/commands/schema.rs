//! `cargo telemetry schema`: the JSON Schema of what an SDK sends.

use std::path::PathBuf;

use clap::Args;
use telemetry_schema::Manifest;

use super::docs::{require_sdk, write};
use crate::{arguments::Source, exit_code::ExitCode, failure::Failure, json_schema};

/// Prints the JSON Schema (2020-12) of what an SDK sends, for servers that receive it. Where several SDKs have one name, it
/// holds that of each, by endpoint.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: cargo telemetry schema target/release/acme --sdk acme-ui --output acme-ui.schema.json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Of this SDK; may be left out where there is one.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// Writes to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let manifest = super::resolve(&arguments.source)?.manifest;
    let name = sdk(&manifest, arguments.sdk.as_deref())?;
    let Some(schema) = json_schema::of(&manifest, name) else {
        return Err(Failure::new(ExitCode::CannotTell, format!("no SDK is named `{name}`")));
    };
    write(arguments.output.as_deref(), &json_schema::to_text(&schema))
}

fn sdk<'a>(manifest: &'a Manifest, asked: Option<&'a str>) -> Result<&'a str, Failure> {
    if let Some(name) = asked {
        return require_sdk(manifest, name).map(|()| name);
    }
    match manifest.sdks.as_slice() {
        [sdk] => Ok(&sdk.sdk),
        [] => Err(Failure::new(ExitCode::CannotTell, "no SDK is declared in what was read")
            .with_hint("a library that only records events of another crate's SDK has no wire format of its own")),
        // Of one name, they have one schema that holds those of all.
        [first, others @ ..] if others.iter().all(|other| other.sdk == first.sdk) => Ok(&first.sdk),
        sdks => {
            let names: Vec<_> = sdks.iter().map(|sdk| sdk.sdk.as_str()).collect();
            Err(Failure::usage("there is more than one SDK, and each has a schema of its own")
                .with_hint(format!("name one with `--sdk`: {}", names.join(", "))))
        }
    }
}
