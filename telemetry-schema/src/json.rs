//! JSON as a tree, for programs that read what they or others of their kind have written: a page counts every byte of its code, and readers that
//! are made for each type are a multiple of this. It answers with nothing where text is no JSON, and never says why.

pub mod scan;
mod written;

pub use written::{push_string, quoted};

use crate::cut;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// Text, without its quotes and escapes.
    Text(String),
    /// `[…]`
    List(Vec<Json>),
    /// `{…}`, in the order in which it was written.
    Object(Vec<(String, Json)>),
}

/// How deep values may lie in each other.
const DEPTH: u32 = 100;

impl Json {
    /// Reads a value, with nothing but white space around it. `None` if it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { rest: bytes };
        let value = reader.value(DEPTH)?;
        reader.skip_space();
        reader.rest.is_empty().then_some(value)
    }

    /// A member of an object; the last one of this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// Whether an object has two members of one name. Readers differ in which of them counts.
    pub fn has_twice(&self) -> bool {
        let members = self.members();
        members.iter().enumerate().any(|(at, (name, _))| members.iter().skip(at + 1).any(|(other, _)| other == name))
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The values of a list; `None` if it is none.
    pub fn list(&self) -> Option<&[Self]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }

    /// Text; `None` if it is none.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// As [`Json::text`], to be kept.
    pub fn owned(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// The text of a member.
    pub fn text_of(&self, name: &str) -> Option<String> {
        self.get(name)?.owned()
    }

    /// The texts of members, all of which have to be there.
    pub fn texts<const N: usize>(&self, names: [&str; N]) -> Option<[&str; N]> {
        let mut texts = [""; N];
        self.read_texts(&names, &mut texts)?;
        Some(texts)
    }

    fn read_texts<'a>(&'a self, names: &[&str], texts: &mut [&'a str]) -> Option<()> {
        for (name, text) in names.iter().zip(texts) {
            *text = self.get(name)?.text()?;
        }
        Some(())
    }

    /// The texts of members, each of which may be missing, or `null`.
    pub fn texts_if_any<const N: usize>(&self, names: [&str; N]) -> Option<[Option<&str>; N]> {
        let mut texts = [None; N];
        self.read_texts_if_any(&names, &mut texts)?;
        Some(texts)
    }

    fn read_texts_if_any<'a>(&'a self, names: &[&str], texts: &mut [Option<&'a str>]) -> Option<()> {
        for (name, text) in names.iter().zip(texts) {
            *text = self.if_any(name, Self::text)?;
        }
        Some(())
    }

    /// What is meant by a word, of those that may stand here.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }

    /// A member that may be missing, or `null`.
    pub fn if_any<'a, T>(&'a self, name: &str, read: impl Fn(&'a Self) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            None | Some(Self::Null) => Some(None),
            Some(value) => read(value).map(Some),
        }
    }

    /// The values of a list, each as it is read; `None` if one cannot be.
    pub fn each<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let values = self.list()?;
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            all.push(read(value)?);
        }
        Some(all)
    }

    /// As [`Json::each`], of a member that may be missing.
    pub fn or_none<T>(&self, name: &str, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        self.get(name).map_or(Some(Vec::new()), |list| list.each(read))
    }

    /// A whole number from 0 on.
    pub fn unsigned(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.parse().ok() } else { None }
    }

    /// As [`Json::unsigned`], if it has room in 32 bits.
    pub fn unsigned_32(&self) -> Option<u32> {
        self.unsigned()?.try_into().ok()
    }

    /// A whole number.
    pub fn signed(&self) -> Option<i64> {
        if let Self::Number(number) = self { number.parse().ok() } else { None }
    }

    /// Text.
    pub fn of(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn number(number: impl Into<u64>) -> Self {
        Self::Number(number.into().to_string())
    }

    /// What is there, or `null`.
    pub fn or_null(value: Option<Self>) -> Self {
        value.unwrap_or(Self::Null)
    }

    /// An object.
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The value as it is written: without white space, or over several lines.
    pub fn render(&self, over_lines: bool) -> Vec<u8> {
        let mut out = Vec::new();
        self.push(&mut out, over_lines.then_some(0));
        out
    }

    fn push(&self, out: &mut Vec<u8>, depth: Option<usize>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => out.extend_from_slice(number.as_bytes()),
            Self::Text(text) => push_string(out, text),
            Self::List(values) => around(out, (b'[', b']'), depth, &mut values.iter().map(|value| (None, value))),
            Self::Object(members) => {
                around(out, (b'{', b'}'), depth, &mut members.iter().map(|(name, value)| (Some(name.as_str()), value)));
            }
        }
    }

    /// A number. Those of up to 15 digits with up to 22 behind the point are exact.
    pub fn float(&self) -> Option<f64> {
        let Self::Number(number) = self else { return None };
        let (mantissa, exponent) = mantissa_and_exponent(number);
        let (whole, part) = cut::once(mantissa, b'.').unwrap_or((mantissa, ""));
        let digits = whole.bytes().chain(part.bytes()).filter(u8::is_ascii_digit);
        let value = digits.fold(0.0, |value, digit| value * 10.0 + f64::from(digit - b'0'));
        let exponent =
            exponent.trim_start_matches('+').parse::<i32>().ok()?.checked_sub(part.len().try_into().ok()?)?;
        let scale = (0..exponent.unsigned_abs().min(400)).fold(1.0, |scale, _| scale * 10.0);
        let value = if exponent < 0 { value / scale } else { value * scale };
        Some(if whole.starts_with('-') { -value } else { value })
    }
}

type Inside<'a> = dyn Iterator<Item = (Option<&'a str>, &'a Json)> + 'a;

fn around(out: &mut Vec<u8>, (begin, end): (u8, u8), depth: Option<usize>, inside: &mut Inside<'_>) {
    out.push(begin);
    let deeper = depth.map(|depth| depth + 1);
    let (mut line, mut is_first) = (None, true);
    for (name, value) in inside {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        line = depth;
        push_line(out, deeper);
        if let Some(name) = name {
            push_string(out, name);
            out.extend_from_slice(if depth.is_some() { b": " } else { b":" });
        }
        value.push(out, deeper);
    }
    push_line(out, line);
    out.push(end);
}

/// The line of the next value, so far from its margin.
fn push_line(out: &mut Vec<u8>, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push(b'\n');
        (0..2 * depth).for_each(|_| out.push(b' '));
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Takes the next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        self.skip_space();
        self.byte()
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    /// Takes this byte if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self, word: &[u8], value: Json) -> Option<Json> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(value)
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        match self.next()? {
            b'"' => self.text().map(Json::Text),
            b'[' => {
                let mut values = Vec::new();
                self.until(b']', &mut |reader| {
                    values.push(reader.value(depth)?);
                    Some(())
                })?;
                Some(Json::List(values))
            }
            b'{' => {
                let mut members = Vec::new();
                self.until(b'}', &mut |reader| {
                    let name = if reader.takes(b'"') { reader.text()? } else { return None };
                    let value = if reader.takes(b':') { reader.value(depth)? } else { return None };
                    members.push((name, value));
                    Some(())
                })?;
                Some(Json::Object(members))
            }
            b't' => self.word(b"rue", Json::Bool(true)),
            b'f' => self.word(b"alse", Json::Bool(false)),
            b'n' => self.word(b"ull", Json::Null),
            first => self.number(first),
        }
    }

    /// Reads what is separated by commas, up to this byte.
    fn until(&mut self, end: u8, one: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.takes(end) {
            return Some(());
        }
        loop {
            one(self)?;
            match self.next()? {
                b',' => {}
                byte if byte == end => return Some(()),
                _ => return None,
            }
        }
    }

    fn number(&mut self, first: u8) -> Option<Json> {
        let mut number = String::from(char::from(first));
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        while let Some(byte) = self.rest.first().copied().filter(is_part) {
            self.byte();
            number.push(char::from(byte));
        }
        is_number(&number).then_some(Json::Number(number))
    }

    /// Text behind its first quote.
    fn text(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                b'"' => return String::from_utf8(text).ok(),
                b'\\' => {
                    let plain = match self.byte()? {
                        b'n' => '\n',
                        b't' => '\t',
                        b'r' => '\r',
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'u' => self.escaped()?,
                        byte @ (b'"' | b'\\' | b'/') => char::from(byte),
                        _ => return None,
                    };
                    text.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                }
                byte if byte < b' ' => return None,
                byte => text.push(byte),
            }
        }
    }

    /// The character behind `\u`: four digits, or twice four.
    fn escaped(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        self.rest = self.rest.strip_prefix(b"\\u")?;
        let second = self.four_digits()?.checked_sub(0xDC00).filter(|second| *second < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second)
    }

    fn four_digits(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |number, _| Some(number << 4 | char::from(self.byte()?).to_digit(16)?))
    }
}

fn mantissa_and_exponent(number: &str) -> (&str, &str) {
    cut::once(number, b'e').or_else(|| cut::once(number, b'E')).unwrap_or((number, "0"))
}

/// Whether JSON would write a number so.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = mantissa_and_exponent(text);
    let (whole, part) = cut::once(mantissa, b'.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(part)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
        && (whole.len() == 1 || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The same, by another reader.
    fn by_serde(text: &[u8]) -> Option<Json> {
        fn tree(value: Value) -> Json {
            match value {
                Value::Null => Json::Null,
                Value::Bool(bool) => Json::Bool(bool),
                Value::Number(number) => Json::Number(number.to_string()),
                Value::String(text) => Json::Text(text),
                Value::Array(values) => Json::List(values.into_iter().map(tree).collect()),
                Value::Object(members) => {
                    Json::Object(members.into_iter().map(|(name, value)| (name, tree(value))).collect())
                }
            }
        }
        serde_json::from_slice(text).ok().map(tree)
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-7",
            "12",
            "1.5",
            "[]",
            "{}",
            " [ 1 , \"a\" ] ",
            r#"{"a":1,"b":[{"c":null}]}"#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u00e9\ud83d\ude00""#,
            "\"\u{e9}\u{1F600}\"",
            "",
            " ",
            "nul",
            "nullx",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1 2",
            "[1,]",
            "[,1]",
            "[1",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "\"",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\udc00\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "tru",
            "\u{feff}1",
        ] {
            assert_eq!(Json::parse(text.as_bytes()), by_serde(text.as_bytes()), "{text}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), None);
        assert_eq!(Json::parse("[".repeat(100_000).as_bytes()), None, "as deep as anybody likes");
    }

    #[test]
    fn numbers_are_what_they_say() {
        for text in
            ["0", "1", "0.1", "0.05", "0.123456789012345", "1e3", "2.5E-3", "1e+2", "-0.5", "9007199254740991", "1e-22"]
        {
            let json = Json::parse(text.as_bytes()).unwrap();
            assert_eq!(json.float(), text.parse().ok(), "{text}");
        }
        let of = |text: &str| Json::parse(text.as_bytes()).unwrap();
        assert_eq!((of("1e999").float(), of("1e-999").float()), (Some(f64::INFINITY), Some(0.0)));
        assert_eq!(
            (of("18446744073709551615").unsigned(), of("18446744073709551616").unsigned()),
            (Some(u64::MAX), None)
        );
        assert_eq!((of("-1").unsigned(), of("-1").signed(), of("1.0").unsigned()), (None, Some(-1), None));
        assert_eq!((of("4294967295").unsigned_32(), of("4294967296").unsigned_32()), (Some(u32::MAX), None));
        assert_eq!((of("\"1\"").unsigned(), of("\"1\"").float()), (None, None));
    }

    #[test]
    fn it_writes_what_serde_json_writes() {
        for text in ["null", "[true,false]", "[]", "{}", r#"{"a":[],"b":{},"c":[1,-2.5e-7,{"d":"\"\n"}]}"#] {
            let (json, value) = (Json::parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(json.render(false), serde_json::to_vec(&value).unwrap());
            assert_eq!(json.render(true), serde_json::to_vec_pretty(&value).unwrap());
        }
        let object = Json::object([("a", Json::of("x")), ("b", Json::number(7_u32)), ("c", Json::or_null(None))]);
        assert_eq!(object.render(false), br#"{"a":"x","b":7,"c":null}"#);
    }

    #[test]
    fn of_members_of_one_name_the_last_one_counts() {
        assert_eq!(Json::parse(br#"{"a":1,"a":2}"#).unwrap().get("a").and_then(Json::unsigned), Some(2));
    }
}
