//! The one date format of HTTP.

use std::time::Duration;

use super::Date;

const DAY: u64 = 24 * 60 * 60;

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT` as the time since 1970. The two older formats of HTTP/1.0 are no longer sent.
pub(crate) fn parse_http(text: &str) -> Option<Duration> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = |text: &str, digits: usize| -> Option<u64> {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
    };
    let (weekday, rest) = text.split_once(", ")?;
    let [day, month, year, time, "GMT"]: [&str; 5] = rest.split(' ').collect::<Vec<_>>().try_into().ok()? else {
        return None;
    };
    let [hours, minutes, seconds]: [&str; 3] = time.split(':').collect::<Vec<_>>().try_into().ok()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let date = Date { year: number(year, 4)?, month, day: number(day, 2)? };
    let (hours, minutes, seconds) = (number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    // 60 is a leap second.
    let plausible = weekday.len() == 3 && (1..=31).contains(&date.day) && hours < 24 && minutes < 60 && seconds <= 60;
    plausible
        .then(|| date.to_days())
        .flatten()
        .map(|days| Duration::from_secs(days * DAY + hours * 3_600 + minutes * 60 + seconds))
}
