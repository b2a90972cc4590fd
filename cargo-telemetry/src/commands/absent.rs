//! `cargo telemetry absent`.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
};

use clap::{Args, ValueEnum};

use crate::{
    absent::{self, Verdict},
    exit_code::ExitCode,
    failure::Failure,
    json, output,
    reader::shown,
};

/// The shortest text that is searched for: shorter ones stand in every program by chance.
const SHORTEST_ENDPOINT: usize = 4;

/// What the help says behind the options. The sentence above them stands with the command in `cli`.
const MORE: &str = "\
Exit codes:
  0  no trace: no section, no record, no marker, in formats that are known and not packed
  1  a trace was found; the output names what and where
  2  nothing can be said: something is not understood to its last byte and could hold code; the output says what to do

Examples:
  cargo telemetry absent target/release/tool
  cargo telemetry absent acme_1.2.3_amd64.deb
  cargo telemetry absent --endpoint https://telemetry.acme.example ./unpacked-package

Of a folder every file is searched; zip, tar, ar, deb, gzip, xz, zstd and bzip2 are unpacked. Files without machine code,
such as text, are searched as bytes; symbolic links are not followed. docs/absent.md says what an answer means, and what it cannot mean.";

#[derive(Debug, Args)]
#[command(after_help = MORE)]
pub(crate) struct Arguments {
    /// Programs, libraries, archives, or folders of a package that is unpacked.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also searches for this text, for instance where a program would send to; may be repeated. It is searched as it is
    /// written, in UTF-8, without a slash at the end: a host alone finds every address on that host.
    #[arg(long = "endpoint", value_name = "URL", value_parser = endpoint)]
    endpoints: Vec<String>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs; docs/absent.md describes it.
    Json,
}

fn endpoint(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    if text.len() < SHORTEST_ENDPOINT {
        return Err(format!(
            "a text of fewer than {SHORTEST_ENDPOINT} bytes is found everywhere; name the host or more"
        ));
    }
    Ok(text.to_owned())
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    for path in &arguments.paths {
        // Misspelt rather than unreadable: no answer about a file that is not there.
        if let Err(error) = std::fs::metadata(path).or_else(|_| std::fs::symlink_metadata(path)) {
            return Err(Failure::new(ExitCode::NoInput, format!("cannot read {}: {error}", shown(path))));
        }
    }
    let mut errors = std::io::stderr();
    let watched = errors.is_terminal();
    let found = absent::examine(&arguments.paths, &arguments.endpoints, |done, all| {
        if watched && all > 1 {
            // Over the same line; the last call leaves it empty.
            let _ = if done == all { write!(errors, "\r\x1b[K") } else { write!(errors, "\r{done} of {all} files") };
        }
    });
    match arguments.format {
        Format::Text => output::result(&absent::text(&found))?,
        Format::Json => {
            output::result(&json::document(&found))?;
        }
    }
    Ok(match found.verdict {
        Verdict::Absent => ExitCode::Holds,
        Verdict::Found => ExitCode::Found,
        Verdict::CannotTell => ExitCode::CannotTell,
    })
}
