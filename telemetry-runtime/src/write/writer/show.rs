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
    let text = format!("\n{}\n\n", notice.text);
    !notice.text.is_empty() && fits(&text) && print::show(&text)
}

/// Whether an empty terminal takes it at once.
fn fits(text: &str) -> bool {
    text.len() + text.matches('\n').count() <= MAX_BYTES
}
