//! What `check` has found.

use std::{collections::BTreeSet, fmt::Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use telemetry_schema::Manifest;

use super::{capacity, clean, counted, json, markdown};
use crate::check::{Finding, config::Config};

const FINDING: Style = AnsiColor::Red.on_default().bold();
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
            let _ = writeln!(out, "{}{FINDING}{}{FINDING:#}: {}", place(finding), finding.rule.id(), words(finding));
        }
        if self.config.capacity.is_set() {
            out.push_str(&capacity::text(self.manifest));
        }
        let style = if self.findings.is_empty() { HOLDS } else { FINDING };
        let _ = writeln!(out, "{style}{}{style:#}", self.summary());
        out
    }

    /// `docs/schemas/check.schema.json` describes it.
    pub(crate) fn json(&self) -> String {
        json::document(&Document {
            check_version: CHECK_VERSION,
            holds: self.findings.is_empty(),
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
                    Some(event) => format!("{event}: {}", finding.message),
                    None => finding.message.clone(),
                };
                let cells = [finding.at.as_str(), finding.rule.id(), &what, &finding.repair].map(markdown::escape);
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
        }
        if self.config.capacity.is_set() {
            out.push('\n');
            out.push_str(&capacity::markdown(self.manifest));
        }
        out
    }

    fn summary(&self) -> String {
        let events = counted(self.manifest.events.len(), "event");
        if self.findings.is_empty() {
            return format!("holds: {events} of {}, as locked and within the rules", clean(self.name));
        }
        let rules: BTreeSet<_> = self.findings.iter().map(|finding| finding.rule.id()).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        format!("{} ({rules}) in {events} of {}", counted(self.findings.len(), "finding"), clean(self.name))
    }
}

fn place(finding: &Finding) -> String {
    if finding.at.is_empty() { String::new() } else { format!("{}: ", clean(&finding.at)) }
}

fn words(finding: &Finding) -> String {
    let event = finding.event.as_ref().map(|event| format!("{event}: ")).unwrap_or_default();
    clean(&format!("{event}{}; {}", finding.message, finding.repair)).into_owned()
}
