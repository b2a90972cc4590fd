//! Lists of names in a notice: a handful of them, and how many more there are.

/// Names of events.
const EVENTS: usize = 12;

/// Fields in one sentence, and events of which something is new.
const FIELDS: usize = 6;

/// Bytes of one list. A name that is longer is counted and not shown.
const BYTES: usize = 240;

/// Names of events.
pub(super) fn events(names: &[&str]) -> String {
    list(names, EVENTS)
}

/// Paths of fields.
pub(super) fn fields(paths: &[String]) -> String {
    list(paths, FIELDS)
}

/// What is new, one text for each event.
pub(super) fn news(news: &[String]) -> String {
    list(news, FIELDS)
}

/// As many of the first names as there is room for, and how many it leaves out.
fn list(names: &[impl AsRef<str>], most: usize) -> String {
    let mut shown = String::new();
    let mut count = 0;
    for name in names.iter().map(AsRef::as_ref).take(most) {
        if shown.len() + name.len() > BYTES {
            break;
        }
        if count > 0 {
            shown.push_str(", ");
        }
        shown.push_str(name);
        count += 1;
    }
    match (count, names.len().saturating_sub(count)) {
        (_, 0) => shown,
        (0, all) => format!("{all} with names too long for this text"),
        (_, more) => format!("{shown} and {more} more"),
    }
}
