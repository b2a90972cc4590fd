//! JSON read where it stands: one value of a text, without a tree of all of them. For what a page reads on the way of an event, where a tree is a
//! multiple of this. It asks of a text no more than it needs to find the value, so what is no JSON elsewhere may be read all the same.

use std::borrow::Cow;

use crate::cut;

/// The parts of a list or an object, as they stand there: of an object names and values in turn.
#[derive(Debug, Clone)]
pub struct Parts<'a>(&'a [u8]);

/// The parts of a value that begins with a bracket; none of any other.
pub fn parts(value: &[u8]) -> Parts<'_> {
    Parts(if matches!(value.first(), Some(b'{' | b'[')) { value } else { b"" })
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        // Behind the bracket, the comma or the colon.
        let (part, rest) = split(self.0.get(1..)?)?;
        self.0 = rest;
        let part = part.trim_ascii();
        (!part.is_empty()).then_some(part)
    }
}

/// What stands before the first comma, colon or closing bracket that belongs to no value within, and what begins there.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let end = text.iter().position(|byte| {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = *byte == b'\\' && !escaped;
            return false;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b',' | b':' | b'}' | b']' if depth == 0 => return true,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        false
    });
    text.split_at_checked(end?)
}

/// The value of an object's member, as it stands there.
pub fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut parts = Parts(object.trim_ascii());
    if parts.0.first() != Some(&b'{') {
        return None;
    }
    while let (Some(found), Some(value)) = (parts.next(), parts.next()) {
        if unquoted(found) == Some(name.as_bytes()) {
            return Some(value);
        }
    }
    None
}

/// A text as it stands there, without its quotes.
pub fn unquoted(value: &[u8]) -> Option<&[u8]> {
    match value {
        [b'"', text @ .., b'"'] => Some(text),
        _ => None,
    }
}

/// A text. Of a character by its number it reads the last byte: a record has none but those of ASCII.
pub fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let text = unquoted(value)?;
    if !text.contains(&b'\\') {
        return str::from_utf8(text).ok().map(Cow::Borrowed);
    }
    let (mut plain, mut rest) = (Vec::new(), text);
    while let [byte, others @ ..] = rest {
        rest = others;
        let mut byte = *byte;
        if byte == b'\\' {
            let (escaped, others) = rest.split_first()?;
            rest = others;
            byte = match escaped {
                b'n' => b'\n',
                b't' => b'\t',
                b'u' => {
                    let (digits, others) = rest.split_at_checked(4)?;
                    rest = others;
                    digit(digits, 2)? << 4 | digit(digits, 3)?
                }
                other => *other,
            };
        }
        plain.push(byte);
    }
    String::from_utf8(plain).ok().map(Cow::Owned)
}

/// What a hexadecimal digit says.
fn digit(digits: &[u8], place: usize) -> Option<u8> {
    let digit = *digits.get(place)?;
    digit.is_ascii_hexdigit().then_some((digit & 15) + if digit > b'9' { 9 } else { 0 })
}

/// A whole number from 0 on.
pub fn unsigned(number: &[u8]) -> Option<u64> {
    cut::number_of(number)
}

/// As [`unsigned`], perhaps with a sign before it.
pub fn signed(number: &[u8]) -> Option<i64> {
    match number {
        [b'-', digits @ ..] => 0_i64.checked_sub_unsigned(unsigned(digits)?),
        _ => unsigned(number)?.try_into().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(object: &str, name: &str) -> Option<String> {
        member(object.as_bytes(), name).map(|value| String::from_utf8(value.to_vec()).unwrap())
    }

    #[test]
    fn a_member_is_found_where_it_stands() {
        let object = r#" {"a":"x,\"}\\","b": {"c":[1,{"a":2}],"b":3} , "d":[],"e":-7}"#;
        for (name, value) in [("a", r#""x,\"}\\""#), ("b", r#"{"c":[1,{"a":2}],"b":3}"#), ("d", "[]"), ("e", "-7")] {
            assert_eq!(found(object, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(found(object, "c"), None, "that of an object within is none of this");
        let parts = |text: &str| {
            parts(text.as_bytes()).map(|part| String::from_utf8_lossy(part).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(parts(r#"["a", [1,2] ,{}]"#), ["\"a\"", "[1,2]", "{}"]);
        assert_eq!(parts(r#"{"a":1,"b":null}"#), ["\"a\"", "1", "\"b\"", "null"]);
    }

    #[test]
    fn what_is_no_object_or_has_no_end_has_no_member() {
        for text in ["", "null", "[\"a\",1]", "{\"b\":1}", "{\"a\":1", "{\"a\"", "{\"a", "{", "\"a\":1}", "<a>"] {
            assert_eq!(found(text, "a"), None, "{text}");
        }
    }

    #[test]
    fn any_bytes_are_read_to_their_end() {
        let pieces: [&[u8]; 8] = [b"{", b"}", b"[", b"]", b"\"", b"\\", b":", b"a\xff"];
        for seed in 0..1_usize << 15 {
            let text: Vec<u8> = (0..5).flat_map(|at| pieces[seed >> (3 * at) & 7]).copied().collect();
            assert!(parts(&text).count() <= 6, "{text:?}");
            let _ = (member(&text, "a"), super::text(&text), signed(&text));
        }
    }

    #[test]
    fn text_and_numbers_are_those_of_the_tree() {
        use crate::json::Json;

        for value in [
            r#""""#,
            r#""é""#,
            r#""a\"b\\c\nd\te\u000d\u007f/""#,
            "7",
            "-7",
            "18446744073709551615",
            "-9223372036854775808",
            "18446744073709551616",
            "9223372036854775808",
            "1.5",
            "-",
            "+1",
            "true",
            "null",
            "[1]",
        ] {
            let tree = Json::parse(value.as_bytes());
            let tree = tree.as_ref();
            assert_eq!(text(value.as_bytes()).as_deref(), tree.and_then(Json::text), "{value}");
            assert_eq!(unsigned(value.as_bytes()), tree.and_then(Json::unsigned), "{value}");
            assert_eq!(signed(value.as_bytes()), tree.and_then(Json::signed), "{value}");
        }
    }
}
