//! Text, cut where a byte stands, and put together: searching for patterns is a kilobyte of code, and a page has no other use for it.

/// What stands before the first of these bytes of ASCII, and what behind it; `None` if there is none.
pub fn once(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// These behind each other. The method of the standard library asks whether they have room in memory, and can panic.
pub fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    push(&mut text, parts);
    text
}

/// As [`joined`], behind what is in `out`.
pub fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

/// A whole number, as decimal digits.
pub fn number(value: u64) -> String {
    let mut text = String::new();
    push_number(&mut text, value);
    text
}

/// As [`number`], behind what is in `out`. What formats any value is a kilobyte and a half of code, and a page has no other use for it.
pub fn push_number(out: &mut String, value: u64) {
    if value >= 10 {
        push_number(out, value / 10);
    }
    out.push(char::from(b'0' | (value % 10) as u8));
}

/// A whole number, as decimal digits; `None` if it has others, or too many.
pub fn number_of(digits: &[u8]) -> Option<u64> {
    let (first, _) = digits.split_first()?;
    if !first.is_ascii_digit() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then_some(u64::from(*digit & 15))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// The lines, without those that are empty.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (line, behind) = once(rest, b'\n').unwrap_or((rest, ""));
            rest = behind;
            if !line.is_empty() {
                return Some(line);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_the_first_of_these_bytes() {
        assert_eq!(once("a b c", b' '), Some(("a", "b c")));
        assert_eq!(once("ä ö", b' '), Some(("ä", "ö")));
        assert_eq!(joined(&["a", " ", "ä"]), "a ä");
        assert_eq!((once("", b' '), once("ab", b' '), once(" ", b' ')), (None, None, Some(("", ""))));
    }

    #[test]
    fn numbers_are_written_and_read() {
        for (value, digits) in
            [(0, "0"), (7, "7"), (10, "10"), (1_234_567_890, "1234567890"), (u64::MAX, "18446744073709551615")]
        {
            assert_eq!((number(value).as_str(), number_of(digits.as_bytes())), (digits, Some(value)));
        }
        for other in ["", "+1", "-1", "1 ", "1a", "٣", "18446744073709551616"] {
            assert_eq!(number_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_line_may_have_no_end_and_an_empty_one_is_none() {
        assert_eq!(lines("a\n\nb c\nä").collect::<Vec<_>>(), ["a", "b c", "ä"]);
        assert_eq!((lines("").count(), lines("\n\n").count(), lines("a\n").count()), (0, 0, 1));
    }
}
