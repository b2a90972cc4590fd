//! JSON text, byte for byte as `JSON.stringify` writes it, behind what is in a buffer already.

/// Adds a string with its quotes. Allocates nothing if there is room.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    // Nearly always true: names are identifiers.
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_escaping(out, text);
    }
    out.push(b'"');
}

/// A string with its quotes.
pub fn quoted(text: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    push_string(&mut out, text);
    out.into()
}

/// Whether nothing in it has to be escaped: eight bytes at a time, without a branch for each.
fn is_plain(bytes: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES * 0x80;
    // The highest bit of a byte is set where the byte is zero; above such a byte also where there is none.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let escaped = |word: u64| {
        let control = word.wrapping_sub(ONES * u64::from(b' ')) & !word;
        (control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')))) & HIGH
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().fold(0, |found, word| found | escaped(u64::from_le_bytes(*word)));
    let rest = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)) | ((ONES << 5) & !tail(rest.len()));
    words | escaped(rest) == 0
}

/// The low bytes of a word, as many as there are.
fn tail(bytes: usize) -> u64 {
    1_u64.checked_shl(8 * bytes as u32).map_or(u64::MAX, |bit| bit - 1)
}

fn push_escaping(out: &mut Vec<u8>, text: &str) {
    let (text, mut plain) = (text.as_bytes(), 0);
    for (at, byte) in text.iter().copied().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue; // Bytes of longer characters are plain, too.
        }
        out.extend_from_slice(text.get(plain..at).unwrap_or_default());
        push_escaped(out, byte);
        plain = at + 1;
    }
    out.extend_from_slice(text.get(plain..).unwrap_or_default());
}

#[cold]
fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0A => b'n',
        0x0C => b'f',
        0x0D => b'r',
        _ => {
            out.extend_from_slice(if byte < 0x10 { b"\\u000" } else { b"\\u001" });
            out.push(*b"0123456789abcdef".get(usize::from(byte & 0xF)).unwrap_or(&b'0'));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_that_is_escaped_is_found_in_every_place() {
        for len in 0..40 {
            let plain = vec![b'x'; len];
            assert!(is_plain(&plain) && is_plain(&vec![0xC3; len]), "{len}");
            for (place, byte) in (0..len).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte))) {
                let mut bytes = plain.clone();
                bytes[place] = byte;
                let escaped = byte < b' ' || byte == b'"' || byte == b'\\';
                assert_eq!(is_plain(&bytes), !escaped, "{byte} at {place} of {len}");
            }
        }
    }

    #[test]
    fn every_character_is_escaped_as_by_serde_json() {
        let all: String = ('\0'..='\u{2FF}').chain(['\u{2028}', '\u{2029}', '\u{FFFF}', '\u{1F600}']).collect();
        let one_each = all.chars().map(String::from).chain([String::new(), all.clone(), "plain".into(), "\"".into()]);
        for text in one_each {
            let mut out = b"[".to_vec();
            push_string(&mut out, &text);
            assert_eq!(out, format!("[{}", serde_json::to_string(&text).unwrap()).into_bytes(), "{text:?}");
        }
    }
}
