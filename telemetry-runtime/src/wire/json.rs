//! JSON text, byte for byte as `JSON.stringify` writes it, behind what is in a buffer already.

/// Adds a string with its quotes. Allocates nothing if there is room.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    // Without a branch for each byte, and nearly always true: names are identifiers.
    if text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')) {
        out.push_str(text);
    } else {
        push_escaping(out, text);
    }
    out.push('"');
}

fn push_escaping(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue; // Bytes of longer characters are plain, too.
        }
        out.push_str(text.get(plain..at).unwrap_or_default());
        push_escaped(out, byte);
        plain = at + 1;
    }
    out.push_str(text.get(plain..).unwrap_or_default());
}

#[cold]
fn push_escaped(out: &mut String, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => char::from(byte),
        0x08 => 'b',
        0x09 => 't',
        0x0A => 'n',
        0x0C => 'f',
        0x0D => 'r',
        _ => {
            out.push_str(if byte < 0x10 { "\\u000" } else { "\\u001" });
            out.extend(char::from_digit(u32::from(byte & 0xF), 16));
            return;
        }
    };
    out.extend(['\\', letter]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_escaped_as_by_serde_json() {
        let all: String = ('\0'..='\u{2FF}').chain(['\u{2028}', '\u{2029}', '\u{FFFF}', '\u{1F600}']).collect();
        let one_each = all.chars().map(String::from).chain([String::new(), all.clone(), "plain".into(), "\"".into()]);
        for text in one_each {
            let mut out = "[".to_owned();
            push_string(&mut out, &text);
            assert_eq!(out, format!("[{}", serde_json::to_string(&text).unwrap()), "{text:?}");
        }
    }
}
