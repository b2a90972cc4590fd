//! `cargo telemetry check`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{
    arguments::{Source, refuse_all_features},
    builds::{self, Chosen},
    cargo,
    check::{self, Baseline, Day, LockState},
    config::{self, Config},
    exit_code::ExitCode,
    failure::Failure,
    files,
    finding::Finding,
    lock::{self, Lock},
    output,
    programs::Read,
    report,
    source::lock_file,
};

const EXAMPLES: &str = "\
Examples:
  cargo telemetry check                     build as telemetry.lock says, and compare
  cargo telemetry check --format markdown   the same, for the summary of a pull request
  cargo telemetry check --baseline main     what has become wider since that revision
  cargo telemetry check --format github     annotations beside the lines of a pull request
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
    /// Builds and compares only this build of those that are declared; may be repeated.
    #[arg(long = "build", value_name = "NAME", help_heading = "Options")]
    builds: Vec<String>,
    /// Also compares with the lock file and the rules of this revision of git, without checking it out: whatever is wider or
    /// breaking since then, and rules that were loosened, are findings.
    #[arg(long, value_name = "REVISION", help_heading = "Options")]
    baseline: Option<String>,
    /// The day that expiry dates are compared with, in place of today.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Options")]
    today: Option<String>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text, help_heading = "Options")]
    format: CheckFormat,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people; coloured on a terminal.
    Text,
    /// For programs; `docs/audit-formats.md` describes it.
    Json,
    /// For the summary of a pull request.
    Markdown,
    /// Annotations of GitHub Actions.
    Github,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    refuse_all_features(&arguments.source)?;
    let today = match &arguments.today {
        None => Day::today(),
        Some(text) => Day::parse(text).ok_or_else(|| {
            Failure::usage(format!("{text:?} is no day")).with_hint("write it as `--today 2026-06-30`")
        })?,
    };
    // Mistakes in files are said before minutes of building.
    let folder = cargo::folder(&arguments.source)?;
    let lock_path = arguments.lock.clone().unwrap_or_else(|| folder.join(lock::FILE_NAME));
    let lock = lock_file::read(&lock_path)?;
    let config_path = arguments.config.clone().unwrap_or_else(|| folder.join(config::FILE_NAME));
    let config = config::read(&config_path, arguments.config.is_some())?;

    let baseline = match &arguments.baseline {
        Some(revision) => Some(Baseline::read(revision, &lock_path, &config_path)?),
        None => None,
    };
    let chosen = builds::choose(&arguments.source, &config, lock.as_ref().map(Lock::builds), &arguments.builds)?;
    let read = builds::read(&arguments.source, &chosen, &config.name)?;
    let (old, new) = (lock.map(|lock| comparable(lock, &chosen)), read.lock(chosen.builds().cloned().collect()));
    let state = LockState { name: files::shown(&lock_path), lock: old, command: lock_command(arguments) };

    let mut findings = check::lock(&new, &read.manifest, &state);
    findings.extend(check::conflicting(&read));
    if arguments.source.path.is_none() {
        findings.extend(builds::coverage(&arguments.source, &chosen, &config)?);
    }
    findings.extend(generated(arguments, &chosen, &read, &new, &config, &folder)?);
    findings.extend(check::rules(&read, &config, today));
    if let Some(baseline) = &baseline {
        findings.extend(since(baseline, arguments, &chosen, &read, (&new, &state.name), (&findings, today))?);
    }
    let report =
        report::check::Report { findings: &findings, manifest: &read.manifest, config: &config, name: &read.name };
    // Where the result is a document, it goes to a file as a rule, and whoever reads the log would see nothing.
    if !matches!(arguments.format, CheckFormat::Text | CheckFormat::Github) {
        output::lines(&report.text());
    }
    output::result(&match arguments.format {
        CheckFormat::Text => report.text(),
        CheckFormat::Json => report.json(),
        CheckFormat::Markdown => report.markdown(),
        CheckFormat::Github => report.github(),
        CheckFormat::Sarif => report.sarif(),
    })?;
    Ok(if report.holds() { ExitCode::Holds } else { ExitCode::Found })
}

/// What has changed since the revision, and what its rules would find beside the present ones.
fn since(
    baseline: &Baseline,
    arguments: &Arguments,
    chosen: &Chosen,
    read: &Read,
    (new, lock_name): (&Lock, &str),
    (present, today): (&[Finding], Day),
) -> Result<Vec<Finding>, Failure> {
    let mut by_its_rules = check::rules(read, &baseline.config, today);
    if arguments.source.path.is_none() {
        by_its_rules.extend(builds::coverage(&arguments.source, chosen, &baseline.config)?);
    }
    let mut findings =
        baseline.changes(new, chosen.is_restricted().then_some(&chosen.names), &read.manifest, lock_name);
    findings.extend(baseline.loosened(by_its_rules, present));
    Ok(findings)
}

/// The lock file, of the builds that are compared. Where none is declared, flags say on purpose what else is built than the file
/// names, and only events and SDKs are compared.
fn comparable(lock: Lock, chosen: &Chosen) -> Lock {
    let lock = if chosen.is_restricted() { lock.restricted(&chosen.names, true) } else { lock };
    match (lock.builds(), chosen.declared) {
        ([_], false) => lock.with_builds(chosen.builds().cloned().collect()),
        _ => lock,
    }
}

/// Pages are made of everything that is shipped, so a check of some builds leaves them out.
fn generated(
    arguments: &Arguments,
    chosen: &Chosen,
    read: &Read,
    new: &Lock,
    config: &Config,
    folder: &Path,
) -> Result<Vec<Finding>, Failure> {
    if chosen.is_restricted() {
        return Ok(Vec::new());
    }
    if read.programs.len() > 1 {
        return check::generated(new.manifest(), config, folder, " --all-builds");
    }
    check::generated(&read.manifest, config, folder, &same_program(&arguments.source, chosen))
}

/// The command that accepts a difference: `cargo telemetry lock` for the same program.
fn lock_command(arguments: &Arguments) -> String {
    let output = arguments.lock.as_ref().map(|path| format!(" --output {}", quoted(&path.display().to_string())));
    let builds: String = arguments.builds.iter().map(|name| format!(" --build {}", quoted(name))).collect();
    format!("cargo telemetry lock{}{builds}{}", flags(&arguments.source), output.unwrap_or_default())
}

/// The words that make another command read the program of the one build, each after a space.
fn same_program(source: &Source, chosen: &Chosen) -> String {
    let Some(build) = chosen.builds().next().filter(|_| source.path.is_none()) else { return flags(source) };
    let first = |names: &[String]| names.first().cloned();
    flags(&Source {
        bin: first(&build.bins),
        example: first(&build.examples),
        lib: build.lib,
        package: first(&build.packages).or_else(|| source.package.clone()),
        features: build.features.clone(),
        no_default_features: !build.default_features,
        release: build.profile.as_deref() == Some("release"),
        profile: build.profile.clone().filter(|profile| profile != "release"),
        target: build.target.clone(),
        ..source.clone()
    })
}

/// The flags of a command line, as another command takes them, each after a space.
fn flags(source: &Source) -> String {
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
        profile,
        target,
        all_builds: _,
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
        ("profile", profile.clone()),
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
