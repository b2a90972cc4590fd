//! Dates of HTTP, as the browser reads them; the same names as in `http.rs`.

use std::time::Duration;

use crate::base::page;

/// Reads a date as the time since 1970.
pub(crate) fn parse_http(text: &str) -> Option<Duration> {
    let milliseconds = page::date_parse(text);
    // What is no date is not a number, and compares with nothing.
    (milliseconds >= 0.0).then(|| Duration::from_secs((milliseconds / 1_000.0) as u64))
}
