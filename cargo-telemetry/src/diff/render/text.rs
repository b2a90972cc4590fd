//! Findings on a terminal.

use std::{collections::BTreeSet, fmt::Write as _};

use anstyle::{AnsiColor, Style};

use super::{escape::plain, summary};
use crate::diff::{Finding, Severity, Subject};

/// All findings with colours, which whoever prints them takes off where no terminal reads; the sum in the last line.
///
/// What a rule means is told with its first finding.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut told = BTreeSet::new();
    for finding in findings {
        one(finding, told.insert(finding.rule.id), &mut text);
    }
    text.push_str(&summary(findings));
    text.push('\n');
    text
}

fn one(finding: &Finding, explain: bool, text: &mut String) {
    let (colour, dim) = (style(finding.severity()), Style::new().dimmed());
    let subject = match &finding.subject {
        Subject::Sdk(name) => format!("SDK {}", plain(name)),
        Subject::Event(key) => plain(key),
    };
    let field = finding.field.as_deref().map(|field| format!(", {}", plain(field))).unwrap_or_default();
    let Finding { rule, old, new, at, .. } = finding;
    let severity = finding.severity().word();
    // Writing into a string cannot fail.
    let _ = writeln!(
        text,
        "{colour}{severity}{colour:#}: {subject}{field}: {summary} {dim}[{id}]{dim:#}",
        summary = rule.summary,
        id = rule.id
    );
    for (label, value) in [("was", old), ("now", new), ("at", at)] {
        if let Some(value) = value {
            let _ = writeln!(text, "  {dim}{label:<3}{dim:#}  {}", plain(value));
        }
    }
    if explain {
        let _ = writeln!(text, "  {dim}why{dim:#}  {}", rule.reason);
    }
    text.push('\n');
}

fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Wider => AnsiColor::Red,
        Severity::Breaking => AnsiColor::Yellow,
        Severity::Narrower => AnsiColor::Green,
        Severity::Note => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}
