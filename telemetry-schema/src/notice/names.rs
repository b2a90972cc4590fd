//! Lists of names in a notice: a handful of them, and how many more there are.

use crate::cut;

/// Names of events.
const EVENTS: usize = 12;

/// Fields in one sentence, and events of which something is new.
const FIELDS: usize = 6;

/// Bytes of one list. A name that is longer is counted and not shown.
const BYTES: usize = 240;

/// Names of events.
pub(super) fn events(names: &[&str]) -> String {
    list(&mut names.iter().copied(), names.len(), EVENTS)
}

/// Paths of fields.
pub(super) fn fields(paths: &[String]) -> String {
    news(paths)
}

/// What is new, one text for each event.
pub(super) fn news(news: &[String]) -> String {
    list(&mut news.iter().map(String::as_str), news.len(), FIELDS)
}

/// As many of the first names as there is room for, and how many it leaves out.
fn list(names: &mut dyn Iterator<Item = &str>, all: usize, most: usize) -> String {
    let mut shown = String::new();
    let mut count = 0;
    for name in names.take(most) {
        if shown.len() + name.len() > BYTES {
            break;
        }
        if count > 0 {
            shown.push_str(", ");
        }
        shown.push_str(name);
        count += 1;
    }
    match (count, all.saturating_sub(count)) {
        (_, 0) => shown,
        (0, all) => cut::joined(&[&cut::number(all as u64), " with names too long for this text"]),
        (_, more) => cut::joined(&[&shown, " and ", &cut::number(more as u64), " more"]),
    }
}
