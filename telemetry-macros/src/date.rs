//! Calendar dates of `expires`.

/// The word for "does not expire".
pub(crate) const NEVER: &str = "never";

/// The last day of an event in days since 1970-01-01, or `u32::MAX` for [`NEVER`]; `None` if `text` is neither.
pub(crate) fn expires_day(text: &str) -> Option<u32> {
    if text == NEVER {
        return Some(u32::MAX);
    }
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let real = parts.next().is_none() && year >= 1970 && (1..=12).contains(&month) && day >= 1;
    (real && day <= days_in(year, month)).then(|| days_since_1970(year, month, day))
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: u32, month: u32, day: u32) -> u32 {
    let years: u32 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: u32 = (1..month).map(|month| days_in(year, month)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::expires_day;

    #[test]
    fn real_dates_count_days() {
        for (text, day) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2027-06-30", 20_999), ("never", u32::MAX)] {
            assert_eq!(expires_day(text), Some(day), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_date() {
        for text in [
            "",
            "2027",
            "2027-02-30",
            "2027-13-01",
            "2027-6-30",
            "27-06-30",
            "2027-06-30-1",
            "1969-12-31",
            "+027-06-30",
            "1900-02-29",
            "2027-00-10",
            "2027-01-00",
            "soon",
        ] {
            assert_eq!(expires_day(text), None, "{text}");
        }
    }
}
