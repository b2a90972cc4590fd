//! `cargo telemetry check`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    check::{self, Day, Finding, LockState, config},
    cli::{Format, Source},
    exit_code::ExitCode,
    failure::Failure,
    lock::{self, place},
    output, report, source,
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry check                     build as telemetry.lock says, and compare
  cargo telemetry check --format markdown   the same, for the summary of a pull request
  cargo telemetry check target/release/app  check a program that is built already

Rules are read from telemetry-check.toml beside Cargo.toml; docs/audit.md lists them.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The lock file; by default `telemetry.lock` beside the manifest of the package.
    #[arg(long, value_name = "FILE", help_heading = "Options")]
    lock: Option<PathBuf>,
    /// The rules; by default `telemetry-check.toml` beside the manifest of the package.
    #[arg(long, value_name = "FILE", help_heading = "Options")]
    config: Option<PathBuf>,
    /// The day that expiry dates are compared with, in place of today.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Options")]
    today: Option<String>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Options")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    source::refuse_all_features(&arguments.source)?;
    let today = match &arguments.today {
        None => Day::today(),
        Some(text) => Day::parse(text).ok_or_else(|| {
            Failure::usage(format!("{text:?} is no day")).with_hint("write it as `--today 2026-06-30`")
        })?,
    };
    // Mistakes in files are said before minutes of building.
    let folder = place::folder(&arguments.source)?;
    let lock_path = arguments.lock.clone().unwrap_or_else(|| folder.join(lock::FILE_NAME));
    let lock = place::read(&lock_path)?;
    let config_path = arguments.config.clone().unwrap_or_else(|| folder.join(config::FILE_NAME));
    let config = config::read(&config_path, arguments.config.is_some())?;

    let build = lock.as_ref().map(|lock| lock.build.clone()).unwrap_or_default();
    let completed = place::completed(&arguments.source, &build);
    let resolved = source::resolve(&completed)?;
    let state = LockState { name: place::shown(&lock_path), lock, command: lock_command(arguments) };

    let manifest = &resolved.manifest;
    let mut findings = check::lock(manifest, &state);
    findings.extend(check::conflicting(manifest));
    findings.extend(check::generated(manifest, &config, &folder, &same_program(&completed))?);
    findings.extend(check::rules(manifest, &config, today));
    let report = report::check::Report { findings: &findings, manifest, config: &config, name: &resolved.name };
    output::result(&match arguments.format {
        Format::Text => report.text(),
        Format::Json => report.json(),
        Format::Markdown => report.markdown(),
    })?;
    Ok(exit(&findings))
}

fn exit(findings: &[Finding]) -> ExitCode {
    if findings.is_empty() { ExitCode::Holds } else { ExitCode::Found }
}

/// The command that accepts a difference: `cargo telemetry lock` for the same program.
fn lock_command(arguments: &Arguments) -> String {
    let output = arguments.lock.as_ref().map(|path| format!(" --output {}", quoted(&path.display().to_string())));
    format!("cargo telemetry lock{}{}", same_program(&arguments.source), output.unwrap_or_default())
}

/// The words that make another command read the same program, each after a space.
fn same_program(source: &Source) -> String {
    let Source {
        path,
        bin,
        example,
        lib,
        package,
        manifest_path,
        features,
        all_features: _,
        no_default_features,
        release,
        target,
        locked: _,
        offline: _,
        quiet: _,
    } = source;
    let mut words = String::new();
    if let Some(path) = path {
        words.push_str(&format!(" {}", quoted(&path.display().to_string())));
    }
    for (name, value) in [
        ("bin", bin.clone()),
        ("example", example.clone()),
        ("package", package.clone()),
        ("manifest-path", manifest_path.as_ref().map(|path| path.display().to_string())),
        ("features", Some(features.join(",")).filter(|features| !features.is_empty())),
        ("target", target.clone()),
    ] {
        if let Some(value) = value {
            words.push_str(&format!(" --{name} {}", quoted(&value)));
        }
    }
    for (on, name) in [(lib, "lib"), (no_default_features, "no-default-features"), (release, "release")] {
        if *on {
            words.push_str(&format!(" --{name}"));
        }
    }
    words
}

/// As a shell takes it; plain where it is plain.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:+=@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
