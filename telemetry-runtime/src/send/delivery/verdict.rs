//! What an answer means.

use std::time::Duration;

use telemetry_schema::cut;

use crate::{base::limits::RETRY_AFTER_BELIEVED, declare::transport::Response, wire::date};

/// What becomes of a batch after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The server has it.
    Delivered,
    /// The server will never take it: it is deleted and counted.
    Refused,
    /// It is too large: two halves may pass.
    Halve,
    /// The server wants nothing more from this version: as [`Verdict::Refused`], and everything stops.
    Gone,
    /// Later, and not before the given time.
    Later {
        /// What the server asked for, as far as it is believed.
        retry_after: Option<Duration>,
    },
}

/// Reads an answer. `unix` is the time since 1970, for servers that give a date.
pub(crate) fn verdict(response: &Response, unix: Duration) -> Verdict {
    match response.status() {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        413 => Verdict::Halve,
        408 | 429 | 500..=599 => {
            Verdict::Later { retry_after: response.retry_after().and_then(|value| retry_after(value, unix)) }
        }
        // Redirects are among them: events go to the endpoint of the record and nowhere else.
        _ => Verdict::Refused,
    }
}

/// Reads `retry-after`: seconds or a date, at most [`RETRY_AFTER_BELIEVED`]. What cannot be read, and a date that has
/// passed, is `None`: our own backoff counts.
fn retry_after(value: &str, unix: Duration) -> Option<Duration> {
    let value = value.trim_ascii();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a number, and a long time.
        return Some(
            Duration::from_secs(cut::number_of(value.as_bytes()).unwrap_or(u64::MAX)).min(RETRY_AFTER_BELIEVED),
        );
    }
    let wait = date::parse_http(value)?.checked_sub(unix)?;
    (!wait.is_zero()).then(|| wait.min(RETRY_AFTER_BELIEVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(784_111_777);

    fn later(value: &str) -> Option<Duration> {
        match verdict(&Response::new(503).with_retry_after(value), NOW) {
            Verdict::Later { retry_after } => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_status_table() {
        for (statuses, verdict) in [
            (&[200, 201, 202, 204, 299][..], Verdict::Delivered),
            (&[0, 100, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 415, 418, 422, 600], Verdict::Refused),
            (&[413], Verdict::Halve),
            (&[410], Verdict::Gone),
            (&[408, 429, 500, 502, 503, 504, 599], Verdict::Later { retry_after: None }),
        ] {
            for status in statuses {
                assert_eq!(super::verdict(&Response::new(*status), NOW), verdict, "{status}");
            }
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(later("7"), Some(Duration::from_secs(7)));
        assert_eq!(later(" 0 "), Some(Duration::ZERO));
        assert_eq!(later(&u64::MAX.to_string()), Some(RETRY_AFTER_BELIEVED));
        assert_eq!(later(&"9".repeat(400)), Some(RETRY_AFTER_BELIEVED));
        assert_eq!(later("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(later("Mon, 06 Nov 2094 08:50:37 GMT"), Some(RETRY_AFTER_BELIEVED));
        for garbage in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 05 Nov 1994 08:49:37 GMT"] {
            assert_eq!(later(garbage), None, "{garbage}");
        }
    }
}
