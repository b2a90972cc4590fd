//! Text, cut where a byte stands, and put together: searching for patterns is a kilobyte of code, and a page has no other use for it.

/// What stands before the first of these bytes of ASCII, and what behind it; `None` if there is none.
pub fn once(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// These behind each other. The method of the standard library asks whether they have room in memory, and can panic.
pub fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    parts.iter().for_each(|part| text.push_str(part));
    text
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
    fn a_line_may_have_no_end_and_an_empty_one_is_none() {
        assert_eq!(lines("a\n\nb c\nä").collect::<Vec<_>>(), ["a", "b c", "ä"]);
        assert_eq!((lines("").count(), lines("\n\n").count(), lines("a\n").count()), (0, 0, 1));
    }
}
