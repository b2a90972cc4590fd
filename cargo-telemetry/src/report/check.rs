//! What `check` has found.

use std::{collections::BTreeSet, fmt::Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use telemetry_schema::Manifest;

use super::{capacity, clean, markdown};
use crate::{
    config::Config,
    finding::{Finding, Level},
    json::document,
    words::counted,
};

const FINDING: Style = AnsiColor::Red.on_default().bold();
const REMARK: Style = AnsiColor::Yellow.on_default().bold();
const HOLDS: Style = AnsiColor::Green.on_default().bold();

/// The version of the JSON document.
const CHECK_VERSION: u32 = 1;

/// Findings, and what they were found in.
pub(crate) struct Report<'a> {
    pub(crate) findings: &'a [Finding],
    pub(crate) manifest: &'a Manifest,
    pub(crate) config: &'a Config,
    pub(crate) name: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    check_version: u32,
    holds: bool,
    findings: &'a [Finding],
    capacity: Vec<capacity::Line>,
    outside: [&'static str; 3],
}

impl Report<'_> {
    /// One line per finding, the capacity where a budget is set, one line of summary.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for finding in self.findings {
            let style = if finding.level == Level::Error { FINDING } else { REMARK };
            let label = format!("{}{}", finding.level.label(), finding.rule.id());
            let _ = writeln!(out, "{}{style}{label}{style:#}: {}", place(finding), words(finding));
        }
        if self.config.capacity.is_set() {
            out.push_str(&capacity::text(self.manifest));
        }
        let style = if self.holds() { HOLDS } else { FINDING };
        let _ = writeln!(out, "{style}{}{style:#}", self.summary());
        out
    }

    /// `docs/schemas/check.schema.json` describes it.
    pub(crate) fn json(&self) -> String {
        document(&Document {
            check_version: CHECK_VERSION,
            holds: self.holds(),
            findings: self.findings,
            capacity: capacity::lines(self.manifest),
            outside: capacity::OUTSIDE,
        })
    }

    /// A table, for the summary of a pull request.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("## Telemetry check\n\n{}\n", markdown::escape(&self.summary()));
        if !self.findings.is_empty() {
            out.push_str("\n| where | rule | what | repair |\n| --- | --- | --- | --- |\n");
            for finding in self.findings {
                let what = match &finding.event {
                    Some(event) => format!("{event}: {}", message(finding)),
                    None => message(finding),
                };
                let rule = format!("{}{}", finding.level.label(), finding.rule.id());
                let cells = [finding.at.as_str(), &rule, &what, &finding.repair].map(markdown::escape);
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
        }
        if self.config.capacity.is_set() {
            out.push('\n');
            out.push_str(&capacity::markdown(self.manifest));
        }
        out
    }

    /// Whether nothing was found that keeps the gate from holding.
    pub(crate) fn holds(&self) -> bool {
        self.findings.iter().all(|finding| finding.level != Level::Error)
    }

    /// The last line.
    pub(super) fn summary(&self) -> String {
        let events = counted(self.manifest.events.len(), "event");
        let of = |level: Level| self.findings.iter().filter(move |finding| finding.level == level);
        let remarks: String = [(Level::Warning, "warning"), (Level::Note, "note")]
            .into_iter()
            .map(|(level, word)| (of(level).count(), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("; {}", counted(count, word)))
            .collect();
        if self.holds() {
            return format!("holds: {events} of {}, as locked and within the rules{remarks}", clean(self.name));
        }
        let rules: BTreeSet<_> = of(Level::Error).map(|finding| finding.rule.id()).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let count = counted(of(Level::Error).count(), "finding");
        format!("{count} ({rules}) in {events} of {}{remarks}", clean(self.name))
    }
}

fn place(finding: &Finding) -> String {
    if finding.at.is_empty() { String::new() } else { format!("{}: ", clean(&finding.at)) }
}

/// What is wrong, and in which builds where not all have it.
fn message(finding: &Finding) -> String {
    if finding.builds.is_empty() {
        return finding.message.clone();
    }
    let builds: Vec<_> = finding.builds.iter().map(|name| format!("`{name}`")).collect();
    let word = if builds.len() == 1 { "build" } else { "builds" };
    format!("{} (in {word} {})", finding.message, builds.join(", "))
}

pub(super) fn words(finding: &Finding) -> String {
    let event = finding.event.as_ref().map(|event| format!("{event}: ")).unwrap_or_default();
    clean(&format!("{event}{}; {}", message(finding), finding.repair)).into_owned()
}
