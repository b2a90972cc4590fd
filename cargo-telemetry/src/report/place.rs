//! Where a finding is, as services for code review take it.

use crate::finding::Finding;

/// The file and the line of a finding: `src/lib.rs:12`, or a file alone.
pub(super) fn of(finding: &Finding) -> Option<(String, Option<u32>)> {
    let at = finding.at.as_str();
    if at.is_empty() {
        return None;
    }
    // A line of 0 is none: services refuse it.
    let numbered = at.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse::<u32>().ok()?)));
    let (file, line) = match numbered {
        Some((file, line)) if line > 0 => (file, Some(line)),
        _ => (at, None),
    };
    Some((file.replace('\\', "/"), line))
}
