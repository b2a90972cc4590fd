//! Days, and the clock that says which one it is. Time is only ever data here: waits use the monotonic clock of tokio.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Seconds of a day.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A UTC day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day that holds this second since 1970.
    pub fn of_seconds(seconds: i64) -> Self {
        Self(i32::try_from(seconds.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX))
    }

    /// Reads `2026-11-22`; `None` for anything else, days that no calendar has included.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let number = |from: usize, to: usize| -> Option<i32> {
            let digits = text.get(from..to)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let parsed = from_civil(year, month, day);
        ((1..=12).contains(&month) && day >= 1 && parsed.civil() == (year, month, day)).then_some(parsed)
    }

    /// So many days later; earlier if negative.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Year, month and day of the Gregorian calendar.
    pub fn civil(self) -> (i32, i32, i32) {
        // Days of the proleptic calendar, counted from 0000-03-01: leap days end a year.
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (i32::try_from(year).unwrap_or(i32::MAX), i32::try_from(month).unwrap_or(1), i32::try_from(day).unwrap_or(1))
    }
}

fn from_civil(year: i32, month: i32, day: i32) -> Day {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * march_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Day(i32::try_from(era * 146_097 + day_of_era - 719_468).unwrap_or(i32::MAX))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The clock of one collector: that of the system, or one that a test or the demo moves.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at this second since 1970 until [`Clock::set`] moves it.
    pub fn manual(seconds: i64) -> Self {
        Self(Some(Arc::new(AtomicI64::new(seconds))))
    }

    /// Moves a manual clock, and every clone of it. Does nothing to the clock of the system.
    pub fn set(&self, seconds: i64) {
        if let Some(time) = &self.0 {
            time.store(seconds, Ordering::Relaxed);
        }
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        match &self.0 {
            Some(time) => time.load(Ordering::Relaxed),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |passed| i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)),
        }
    }

    /// Today, in UTC.
    pub fn today(&self) -> Day {
        Day::of_seconds(self.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written_alike() {
        for (text, number) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2026-11-22", 20_779),
            ("0001-01-01", -719_162),
        ] {
            assert_eq!(Day::parse(text), Some(Day(number)), "{text}");
            assert_eq!(Day(number).to_string(), text);
        }
        for number in -800_000..800_000 {
            let day = Day(number);
            let (year, month, date) = day.civil();
            assert_eq!(from_civil(year, month, date), day);
        }
    }

    #[test]
    fn days_that_no_calendar_has_are_refused() {
        for text in [
            "2025-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-04-31",
            "2026-1-01",
            "+026-01-01",
            "",
            "2026-11-22T",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_manual_clock_moves_for_all_its_clones() {
        let clock = Clock::manual(86_400);
        let clone = clock.clone();
        clock.set(-1);
        assert_eq!((clone.seconds(), clone.today()), (-1, Day(-1)));
    }
}
