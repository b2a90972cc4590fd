//! Wall-clock time, which is data and never a wait, and the monotonic clock that all waits follow.
//!
//! Both can be moved by tests (feature `testing`), so that sixty days need no sixty days. Bounds that protect a thread of
//! the host, such as the time of a `flush` or the wait for a lock, follow the clock of the machine all the same.

use std::time::Duration;

#[cfg_attr(in_page, path = "clock/page.rs")]
mod machine;

pub(crate) use machine::{Instant, instant, now, now_ms};
#[cfg(all(native, feature = "testing"))]
pub(crate) use machine::{moved, wall};

/// How long ago `at` was, by [`instant`].
pub(crate) fn since(at: Instant) -> Duration {
    instant().saturating_duration_since(at)
}

/// Seconds since 1970-01-01, UTC; 0 for a clock before that.
pub(crate) fn now_seconds() -> u64 {
    now_ms() / 1000
}

/// Hours since 1970.
pub(crate) fn now_hours() -> u32 {
    u32::try_from(now_seconds() / 3600).unwrap_or(u32::MAX)
}

/// Seconds of a tick of the throttle's clock: a quarter of an hour.
const TICK_SECONDS: u64 = 15 * 60;

/// Ticks in an hour, and in a day.
pub(crate) const TICKS_PER_HOUR: u32 = 4;
pub(crate) const TICKS_PER_DAY: u32 = 24 * TICKS_PER_HOUR;

/// Quarters of an hour since 1970.
pub(crate) fn now_ticks() -> u32 {
    u32::try_from(now_seconds() / TICK_SECONDS).unwrap_or(u32::MAX)
}

/// How long until the next tick begins.
pub(crate) fn until_next_tick() -> Duration {
    let tick_ms = TICK_SECONDS * 1_000;
    Duration::from_millis(tick_ms - now_ms() % tick_ms)
}

/// Days since 1970, UTC.
pub(crate) fn today() -> u32 {
    now_hours() / 24
}

/// Year, month and day of a day since 1970, by the civil-from-days algorithm of Howard Hinnant's "chrono-Compatible
/// Low-Level Date Algorithms".
pub(crate) fn civil(day: u32) -> (i64, u32, u32) {
    let days = i64::from(day) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// A day since 1970 as ISO 8601 writes it.
pub(crate) fn iso_day(day: u32) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Whether two days lie in the same week; weeks begin on Monday, as in ISO 8601.
pub(crate) fn same_week(a: u32, b: u32) -> bool {
    // 1970-01-01 was a Thursday.
    (a + 3) / 7 == (b + 3) / 7
}

/// Whether two days lie in the same month.
pub(crate) fn same_month(a: u32, b: u32) -> bool {
    let (a, b) = (civil(a), civil(b));
    (a.0, a.1) == (b.0, b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_civil_dates() {
        for (day, date) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_779, (2026, 11, 22)),
            (49_673, (2106, 1, 1)),
        ] {
            assert_eq!(civil(day), date, "{day}");
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert!(same_week(20_773, 20_779), "Monday and Sunday of one week");
        assert!(!same_week(20_779, 20_780), "Sunday and Monday");
        assert!(same_month(20_758, 20_787) && !same_month(20_757, 20_758), "November 2026");
    }
}
