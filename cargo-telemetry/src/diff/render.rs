//! Findings for people, for programs and for pull requests.
//!
//! Names and words come from a file that anybody may have made, so what could steer a terminal or a page is made harmless.

mod escape;
mod json;
mod markdown;
mod page;
mod text;

use super::{Finding, Severity};

pub use self::{json::json, markdown::markdown, page::page, text::text};

/// The sum of all findings in one line: `3 differences: 2 wider, 1 note`.
pub fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let parts: Vec<_> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (count(severity), severity.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| match (word, count) {
            // The one of the four that is a noun.
            ("note", 2..) => format!("{count} notes"),
            _ => format!("{count} {word}"),
        })
        .collect();
    match findings.len() {
        0 => "no difference".to_owned(),
        1 => format!("1 difference: {}", parts.join(", ")),
        many => format!("{many} differences: {}", parts.join(", ")),
    }
}
