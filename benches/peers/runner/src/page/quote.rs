//! What stands between two comments: the lines of README.md that quote the page, and the section of the page that the collector writes.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use super::{costs::black_hole, figures::number};
use crate::results::{EndToEnd, Results};

/// The section of the page that the collector writes, as it stands.
pub(super) fn engines(page: &str) -> String {
    let written = between(page, ENGINES).map_or("Not measured.\n", |[_, written, _]| written);
    format!("\n## The collector's engines\n\n{ENGINES}{written}{END}\n")
}

const BEGIN: &str = "<!-- Written by benches/peers from docs/performance.md. -->\n";
const END: &str = "<!-- Until here. -->";

/// Where the section begins that the collector writes.
const ENGINES: &str = "<!-- Written by scripts/clickhouse-check --cost. -->\n";

/// A text before, between and behind two comments; `None` where one is missing.
fn between<'a>(text: &'a str, begin: &str) -> Option<[&'a str; 3]> {
    let (before, rest) = text.split_once(begin)?;
    let (written, after) = rest.split_once(END)?;
    Some([before, written, after])
}

/// Puts the main figures between the two comments of README.md.
pub(super) fn quote(readme: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(readme)?;
    let [before, _, after] = between(&text, BEGIN).ok_or("README.md: a comment around the quote is missing")?;
    let mut lines = String::new();
    if let Some(rows) = &results.end_to_end {
        writeln!(
            lines,
            "| an event of three fields | this framework | opentelemetry | emit | sentry, logs | posthog-rs | glean | by hand |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        let ids = ["extended", "opentelemetry", "emit", "sentry", "posthog", "glean", "by-hand-file"];
        let mut row = |title: &str, value: &dyn Fn(&EndToEnd) -> Option<f64>| {
            let cells = ids.map(|id| {
                let row = rows.iter().find(|row| row.client == id && row.error.is_none());
                row.and_then(value).map_or("–".to_owned(), number)
            });
            writeln!(lines, "| {title} | {} |", cells.join(" | "))
        };
        row("µs of CPU from the call to the server's answer", &|row| Some(row.cpu_us.median))?;
        row("instructions, the same", &|row| row.instructions)?;
        row("instructions of the thread that records", &|row| row.caller_instructions)?;
        row("bytes on the wire", &|row| Some(row.bytes))?;
    }
    if let Some(rows) = &results.worst {
        let cell = |id: &str| {
            let row = rows.iter().find(|row| row.client == id);
            row.map_or("–".to_owned(), |row| black_hole(row, None))
        };
        let ids = ["extended", "opentelemetry", "emit", "sentry", "posthog", "glean"];
        writeln!(lines, "| ms until the program has ended, in a black hole | {} | – |", ids.map(cell).join(" | "))?;
    }
    fs::write(readme, format!("{before}{BEGIN}{lines}{END}{after}"))?;
    Ok(())
}
