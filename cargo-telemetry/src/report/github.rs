//! Findings as workflow commands of GitHub Actions: annotations beside the lines of a pull request.
//!
//! A line that begins with two colons commands the runner. Text from a binary must neither end such a line nor begin one.

use std::fmt::Write as _;

use super::{check::Report, clean, place};
use crate::finding::Level;

impl Report<'_> {
    /// One command per finding and the summary as a line of its own.
    pub(crate) fn github(&self) -> String {
        let mut out = String::new();
        for finding in self.findings {
            let command = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "notice",
            };
            let _ = write!(out, "::{command} ");
            if let Some((file, line)) = place::of(finding) {
                let _ = write!(out, "file={},", property(&file));
                if let Some(line) = line {
                    let _ = write!(out, "line={line},");
                }
            }
            let _ = writeln!(out, "title={}::{}", property(finding.rule.id()), data(&super::check::words(finding)));
        }
        let _ = writeln!(out, "{}", data(&self.summary()));
        out
    }
}

/// What stands behind the second pair of colons.
fn data(text: &str) -> String {
    clean(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
