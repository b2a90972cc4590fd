//! Dates without a dependency: days to calendar and back, and the one date format of HTTP.

#[cfg_attr(in_page, path = "date/http_page.rs")]
mod http;

pub(crate) use self::http::parse_http;

use telemetry_schema::cut;

/// A date of the Gregorian calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: u64,
    pub(crate) month: u64,
    pub(crate) day: u64,
}

impl Date {
    /// The date of a day since 1970-01-01. Works on years that begin in March, so that the leap day is the last one.
    pub(crate) fn from_days(days: u64) -> Self {
        let days = days + 719_468; // From 0000-03-01 to 1970-01-01.
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Self { year: era * 400 + year_of_era + u64::from(month <= 2), month, day }
    }

    /// `2026-11-22`
    pub(crate) fn text(self) -> String {
        cut::joined(&[&cut::number(self.year), "-", &two_digits(self.month), "-", &two_digits(self.day)])
    }

    /// The day since 1970-01-01; `None` before that.
    fn to_days(self) -> Option<u64> {
        let year = self.year.checked_sub(u64::from(self.month <= 2))?;
        let (era, year_of_era) = (year / 400, year % 400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        (era * 146_097 + day_of_era).checked_sub(719_468)
    }
}

/// A number below a hundred.
pub(crate) fn two_digits(number: u64) -> String {
    cut::joined(&[if number < 10 { "0" } else { "" }, &cut::number(number)])
}

impl std::fmt::Display for Date {
    /// `2026-11-22`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (10_957, "2000-01-01"),
            (11_016, "2000-02-29"),
            (20_779, "2026-11-22"),
            (49_710, "2106-02-07"),
        ] {
            assert_eq!(Date::from_days(days).to_string(), date);
        }
        for days in (0..200_000).step_by(7) {
            assert_eq!(Date::from_days(days).to_days(), Some(days));
        }
    }

    #[test]
    fn the_date_of_http_is_read_and_nothing_else() {
        assert_eq!(parse_http("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(784_111_777)));
        for text in [
            "",
            "tomorrow",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1894 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
        ] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }
}
