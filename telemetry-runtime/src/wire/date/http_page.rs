//! Dates of HTTP, as the browser reads them; the same names as in `http.rs`.

use std::time::Duration;

use crate::base::page;

/// Reads a date as the time since 1970.
pub(crate) fn parse_http(text: &str) -> Option<Duration> {
    page::date_parse(text).map(|milliseconds| Duration::from_secs(milliseconds / 1_000))
}
