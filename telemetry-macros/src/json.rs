//! JSON text for records. The record is data in a binary: it must stay one line, and must not contain its own magic.

use std::fmt::Write as _;

/// `text` as a JSON string, quotes included.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\t' => json.push_str("\\t"),
            // U+007F starts the magic of a record.
            control if control < ' ' || control == '\u{7f}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// A list of JSON texts.
pub(crate) fn array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut json = String::from("[");
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        json.push_str(item.as_ref());
    }
    json.push(']');
    json
}

/// A list of strings.
pub(crate) fn strings<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    array(items.into_iter().map(|item| string(item.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_stay_one_line_and_cannot_hold_the_magic() {
        assert_eq!(string("a\"b\\c\nd\re\u{7f}TLM2é"), r#""a\"b\\c\nd\u000de\u007fTLM2é""#);
        assert_eq!(strings(["a", "b"]), r#"["a","b"]"#);
        assert_eq!(array(Vec::<String>::new()), "[]");
    }
}
