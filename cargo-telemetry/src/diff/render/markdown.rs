//! Findings in a pull request.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    escape::{cell, code},
    summary,
};
use crate::diff::{Finding, Severity, Subject};

/// The sum as a heading, one table, and what the rules mean, folded.
pub fn markdown(findings: &[Finding]) -> String {
    let mut text = format!("### Telemetry: {}\n", summary(findings));
    if findings.is_empty() {
        return text;
    }
    text.push_str("\n| | what | change | was | now | where |\n|---|---|---|---|---|---|\n");
    for finding in findings {
        let Finding { rule, subject, field, at, old, new } = finding;
        let subject = match subject {
            Subject::Sdk(name) => format!("SDK {}", code(name)),
            Subject::Event(key) => code(key),
        };
        let field = field.as_deref().map(|field| format!(" {}", code(field))).unwrap_or_default();
        let value = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
        let at = at.as_deref().map(code).unwrap_or_default();
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {severity} | {subject}{field} | {summary} | {old} | {new} | {at} |",
            severity = severity(finding.severity()),
            summary = rule.summary,
            old = value(old),
            new = value(new),
        );
    }
    text.push_str("\n<details><summary>What this means</summary>\n\n");
    // One line per rule, the most severe first, as in the table.
    let mut rules = BTreeMap::new();
    for (place, finding) in findings.iter().enumerate() {
        rules.entry(finding.rule.id).or_insert((place, finding.rule));
    }
    let mut rules: Vec<_> = rules.into_values().collect();
    rules.sort_by_key(|(place, _)| *place);
    for (_, rule) in rules {
        let _ = writeln!(text, "- **{}** (`{}`): {} {}", rule.summary, rule.id, rule.reason, rule.advice);
    }
    text.push_str("\n</details>\n");
    text
}

fn severity(severity: Severity) -> String {
    match severity {
        Severity::Wider | Severity::Breaking => format!("**{}**", severity.word()),
        Severity::Narrower | Severity::Note => severity.word().to_owned(),
    }
}
