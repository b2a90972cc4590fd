//! Shows the notice on standard error, where a person watches.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use telemetry_schema::notice::MAX_BYTES;

use crate::{
    base::{environment::Surroundings, print},
    decide::notice_text::Notice,
};

/// Whether a person watches standard error at this moment: a terminal in line mode, in the foreground of which this
/// program is, and neither CI nor an agent behind it.
pub(crate) fn is_watched(surroundings: &Surroundings) -> bool {
    may_be_watched(surroundings) && print::is_watched()
}

/// Whether a person may watch standard error now or later in this run.
pub(crate) fn may_be_watched(surroundings: &Surroundings) -> bool {
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !dumb && !surroundings.is_ci() && !surroundings.agent
}

/// Prints the notice; `true` when all of it was written. A notice that was not printed does not count as shown, and one that
/// a terminal may not take at once is not begun.
pub(crate) fn print(notice: &Notice) -> bool {
    !notice.text.is_empty() && print_whole(&notice.text)
}

/// As [`print`], of several SDKs at once.
pub(crate) fn print_together(notices: &[&Notice]) -> bool {
    let texts: Vec<_> = notices.iter().map(|notice| notice.text.as_str()).collect();
    let head = format!("{} parts of this program collect usage data; each asks for itself.", texts.len());
    texts.iter().all(|text| !text.is_empty()) && print_whole(&format!("{head}\n\n{}", texts.join("\n\n")))
}

fn print_whole(text: &str) -> bool {
    let text = format!("\n{text}\n\n");
    fits(&text) && print::show(&text)
}

/// Whether an empty terminal takes it at once.
fn fits(text: &str) -> bool {
    text.len() + text.matches('\n').count() <= MAX_BYTES
}
