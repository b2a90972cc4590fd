//! `cargo telemetry docs`: the page that says what is collected, and the notice.

use std::{fs, path::PathBuf};

use clap::{Args, ValueEnum};
use telemetry_schema::{EventDescriptor, Manifest, notice};

use crate::{arguments::Source, exit_code::ExitCode, failure::Failure, output, page};

/// Writes the page that says what is collected, as Markdown or as one HTML file.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo telemetry docs --release --format html --output telemetry.html")]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// How the page is written.
    #[arg(long, value_enum, default_value = "markdown")]
    format: PageFormat,
    /// Writes to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only this SDK; without it, all that are in the program.
    #[arg(long, value_name = "NAME")]
    sdk: Option<String>,
    /// Words of your own, shown first: a text file of paragraphs, in which only backticks are markup.
    #[arg(long, value_name = "FILE", conflicts_with = "notice")]
    intro: Option<PathBuf>,
    /// Prints the notice instead, in the words of the running program; a web page names its own switch in the place of variables.
    #[arg(long, conflicts_with = "format")]
    notice: bool,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PageFormat {
    /// For repositories.
    Markdown,
    /// One file for a web server or a browser; it loads nothing else.
    Html,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let manifest = super::resolve(&arguments.source)?.manifest;
    if let Some(name) = &arguments.sdk {
        require_sdk(&manifest, name)?;
    }
    let text = if arguments.notice {
        notices(&manifest, arguments.sdk.as_deref())
    } else {
        let options = page::Options { sdk: arguments.sdk.clone(), intro: intro(arguments)? };
        match arguments.format {
            PageFormat::Markdown => page::markdown(&manifest, &options),
            PageFormat::Html => page::html(&manifest, &options),
        }
    };
    write(arguments.output.as_deref(), &text)
}

/// The notices of all SDKs, with an empty line between them.
fn notices(manifest: &Manifest, only: Option<&str>) -> String {
    let sdks = manifest.sdks.iter().filter(|sdk| only.is_none_or(|name| name == sdk.sdk));
    let texts: Vec<_> = sdks
        .map(|sdk| {
            let events = manifest.events_of(sdk);
            format!("{}\n", notice::text(sdk, &events.cloned().collect::<Vec<EventDescriptor>>()))
        })
        .collect();
    texts.join("\n")
}

fn intro(arguments: &Arguments) -> Result<Option<String>, Failure> {
    let Some(path) = &arguments.intro else { return Ok(None) };
    fs::read_to_string(path)
        .map(|text| Some(text.replace("\r\n", "\n")))
        .map_err(|error| Failure::new(ExitCode::NoInput, format!("cannot read {}: {error}", path.display())))
}

/// An SDK that is asked for must be there: an empty page would say that nothing is collected.
pub(super) fn require_sdk(manifest: &Manifest, name: &str) -> Result<(), Failure> {
    if manifest.sdks.iter().any(|sdk| sdk.sdk == name) {
        return Ok(());
    }
    let names: Vec<_> = manifest.sdks.iter().map(|sdk| sdk.sdk.as_str()).collect();
    Err(Failure::usage(format!("no SDK is named `{name}`")).with_hint(match names.as_slice() {
        [] => "no SDK is declared in what was read".to_owned(),
        names => format!("there is {}", names.join(", ")),
    }))
}

/// To a file or to standard output.
pub(super) fn write(file: Option<&std::path::Path>, text: &str) -> Result<ExitCode, Failure> {
    match file {
        Some(path) => output::file(path, text)?,
        None => output::result(text)?,
    }
    Ok(ExitCode::Holds)
}
