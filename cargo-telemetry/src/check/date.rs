use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the Gregorian calendar, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i64);

impl Day {
    /// The current day, UTC.
    pub(crate) fn today() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
        Self(i64::try_from(seconds / 86_400).unwrap_or_default())
    }

    /// Reads `YYYY-MM-DD`; `None` for other text and for days that do not exist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + i64::from(leap),
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=length).contains(&day) {
            return None;
        }
        // Days of whole years before this one, then of whole months, counted from 1970.
        let before = year - 1;
        let years = before * 365 + before / 4 - before / 100 + before / 400 - 719_162;
        let months = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let months = months.get(usize::try_from(month - 1).ok()?)? + i64::from(leap && month > 2);
        Some(Self(years + months + day - 1))
    }

    /// How many days this one is after `other`.
    pub(crate) fn days_after(self, other: Self) -> i64 {
        self.0 - other.0
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_count_over_leap_years() {
        for (text, day) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("1972-03-01", 790),
            ("2000-02-29", 11_016),
            ("2026-11-22", 20_779),
            ("2100-03-01", 47_541),
        ] {
            assert_eq!(Day::parse(text), Some(Day(day)), "{text}");
        }
        for text in
            ["2026-02-29", "2100-02-29", "2026-13-01", "2026-00-01", "2026-1-01", "never", "2026-11-22-1", "+026-11-22"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
