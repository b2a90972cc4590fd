//! `cargo telemetry diff`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    arguments::{Format, Source},
    diff::{self, Severity, render},
    exit_code::ExitCode,
    failure::Failure,
    output, source,
};

#[derive(Debug, Args)]
#[command(
    long_about = "Compares two programs, lock files or manifests, in any combination, field by field.\n\n\
        A difference is `wider` (more can be sent, to more receivers, or there are fewer ways to stop it), `breaking` (a \
        receiver that knew the old set misreads the new one), `narrower` (less can be sent) or a `note`. \
        docs/diff-rules.md explains every rule.",
    after_help = "Exit codes: 0 no difference, 1 a difference at least as severe as --fail-on, 2 could not tell.",
    after_long_help = "\
Examples:
  cargo telemetry diff acme-1.0 acme-1.1
  cargo telemetry diff telemetry.lock --bin acme
  git show main:telemetry.lock > /tmp/main.lock
  cargo telemetry diff /tmp/main.lock telemetry.lock --format markdown --fail-on wider

Exit codes: 0 no difference, 1 a difference at least as severe as --fail-on, 2 could not tell."
)]
pub(crate) struct Arguments {
    /// The program, library, archive, lock file or manifest from before.
    old: PathBuf,
    // Its path is the new program; without one the current package is built.
    #[command(flatten)]
    source: Source,
    /// How the differences are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The least severity that makes exit code 1; the order is note, narrower, breaking, wider.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Severity::Note)]
    fail_on: Severity,
}

pub(crate) fn run(Arguments { old, source, format, fail_on }: &Arguments) -> Result<ExitCode, Failure> {
    let old = source::read_file(old)?;
    let new = super::resolve(source)?;
    let findings = diff::diff_sides(&old.side(), &new.side());
    output::result(&match format {
        Format::Text => render::text(&findings),
        Format::Json => render::json(&findings),
        Format::Markdown => render::markdown(&findings),
    })?;
    let found = findings.iter().any(|finding| finding.severity() >= *fail_on);
    Ok(if found { ExitCode::Found } else { ExitCode::Holds })
}
