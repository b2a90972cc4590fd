//! Findings for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    diff::{Finding, Id, Severity, Subject},
    json,
};

/// The version of the document. Raised when a reader of the old version would misread the new one.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    counts: BTreeMap<&'static str, usize>,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: Id,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    reason: &'a str,
    advice: &'a str,
}

/// All findings as one document with two spaces of indentation and a line end; `docs/diff-rules.md` describes it.
pub fn json(findings: &[Finding]) -> String {
    let mut counts: BTreeMap<_, _> = Severity::ALL.into_iter().map(|severity| (severity.word(), 0)).collect();
    for finding in findings {
        *counts.entry(finding.severity().word()).or_insert(0) += 1;
    }
    let document = Document { format_version: FORMAT_VERSION, counts, findings: findings.iter().map(entry).collect() };
    json::document(&document)
}

fn entry(finding: &Finding) -> Entry<'_> {
    let Finding { rule, subject, field, at, old, new } = finding;
    let (sdk, event) = match subject {
        Subject::Sdk(name) => (Some(name.as_str()), None),
        Subject::Event(key) => (None, Some(key.as_str())),
    };
    Entry {
        rule: rule.id,
        severity: rule.severity,
        sdk,
        event,
        field: field.as_deref(),
        summary: &rule.summary,
        old: old.as_deref(),
        new: new.as_deref(),
        at: at.as_deref(),
        reason: &rule.reason,
        advice: &rule.advice,
    }
}
