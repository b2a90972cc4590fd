//! Descriptions that only the compiler knows, as in `#[doc = include_str!("…")]`.
//!
//! What the macros do with a description that they can read is done here by the compiler: lines of a paragraph are joined by
//! spaces, paragraphs stand apart, and the text becomes a string of JSON.

/// The longest such description in bytes: the compiler warns of constants that take much longer to evaluate.
const MAX_DOC: usize = 1 << 16;

/// The length of what [`doc`] returns.
pub const fn doc_len(doc: &str) -> usize {
    let mut out = Out { bytes: &mut [], len: 0 };
    write(doc, &mut out);
    out.len
}

/// `,"doc":"…"`, or nothing where the text is empty.
pub const fn doc<const N: usize>(doc: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut out = Out { bytes: &mut bytes, len: 0 };
    write(doc, &mut out);
    bytes
}

/// What stands before the first section or block of code: the description of a function.
pub const fn opening(doc: &str) -> &str {
    let mut rest = doc.as_bytes();
    let mut is_empty = true;
    while !rest.is_empty() {
        let (line, other_lines) = first_line(rest);
        let line = line.trim_ascii();
        if !is_empty && ends_the_opening(line) {
            // A line starts at the border of a character.
            return doc.split_at(doc.len() - rest.len()).0;
        }
        is_empty &= line.is_empty();
        rest = other_lines;
    }
    doc
}

/// As the macros ask it of what they can read.
const fn ends_the_opening(line: &[u8]) -> bool {
    let mut behind = line;
    while let [b'#', rest @ ..] = behind {
        behind = rest;
    }
    let level = line.len() - behind.len();
    let is_title = level >= 1 && level <= 6 && matches!(behind, [] | [b' ', ..]);
    is_title || matches!(line, [b'`', b'`', b'`', ..] | [b'~', b'~', b'~', ..])
}

/// Where bytes go as far as there is room; all of them are counted.
struct Out<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Out<'_> {
    #[expect(clippy::indexing_slicing, reason = "the length was compared")]
    const fn push(&mut self, byte: u8) {
        if self.len < self.bytes.len() {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    const fn push_all(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes {
            self.push(*first);
            bytes = rest;
        }
    }
}

#[expect(clippy::panic, reason = "evaluated by the compiler: a compile error, not a run-time panic")]
const fn write(doc: &str, out: &mut Out<'_>) {
    if doc.len() > MAX_DOC {
        panic!("the description of an event or a field is longer than 64 KiB; give it one that people read");
    }
    let mut rest = doc.as_bytes();
    let (mut is_empty, mut is_paragraph) = (true, false);
    while !rest.is_empty() {
        let (line, other_lines) = first_line(rest);
        rest = other_lines;
        let line = line.trim_ascii();
        if line.is_empty() {
            is_paragraph = !is_empty;
            continue;
        }
        out.push_all(match (is_empty, is_paragraph) {
            (true, _) => b",\"doc\":\"",
            (false, true) => b"\\n\\n",
            (false, false) => b" ",
        });
        write_escaped(line, out);
        (is_empty, is_paragraph) = (false, false);
    }
    if !is_empty {
        out.push(b'"');
    }
}

/// The bytes up to the first line end, and those behind it.
const fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    let mut rest = text;
    while let [first, others @ ..] = rest {
        rest = others;
        if *first == b'\n' {
            break;
        }
        end += 1;
    }
    (text.split_at(end).0, rest)
}

/// As the macros escape text in records.
#[expect(clippy::indexing_slicing, reason = "half a byte is below 16")]
const fn write_escaped(mut text: &[u8], out: &mut Out<'_>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    while let [byte, rest @ ..] = text {
        text = rest;
        match *byte {
            b'"' => out.push_all(b"\\\""),
            b'\\' => out.push_all(b"\\\\"),
            b'\t' => out.push_all(b"\\t"),
            control @ (..=0x1f | 0x7f) => {
                out.push_all(b"\\u00");
                out.push(HEX[(control >> 4) as usize]);
                out.push(HEX[(control & 15) as usize]);
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a03_a_description_that_the_compiler_reads_is_what_the_macros_would_write() {
        const TEXT: &str = "\n # Title \"x\"\n\nOne\ttab \\ and\r\n two, é\u{7f}.\n\n\n* List\n\n";
        const BYTES: [u8; doc_len(TEXT)] = doc(TEXT);
        let expected = r##","doc":"# Title \"x\"\n\nOne\ttab \\ and two, é\u007f.\n\n* List""##;
        assert_eq!(std::str::from_utf8(&BYTES), Ok(expected));
        for nothing in ["", "\n", " \n\t\n"] {
            assert_eq!(doc_len(nothing), 0, "{nothing:?}");
        }
        assert_eq!(doc_len(&"x".repeat(MAX_DOC)), MAX_DOC + 9);
    }

    #[test]
    fn a03_the_description_of_a_function_ends_at_its_first_section() {
        for (doc, expected) in [
            ("Opens é.\n\n # Errors\nNone.", "Opens é.\n\n"),
            ("Opens.\n###### A\n", "Opens.\n"),
            ("Opens.\n#\n", "Opens.\n"),
            ("Opens.\n ```ignore\nopen();\n```\n", "Opens.\n"),
            ("Opens.\n~~~\n", "Opens.\n"),
            ("\n# Title\n####### Opens\n#it.", "\n# Title\n####### Opens\n#it."),
            ("# Title\n# Errors", "# Title\n"),
            ("", ""),
        ] {
            assert_eq!(opening(doc), expected, "{doc:?}");
        }
    }
}
