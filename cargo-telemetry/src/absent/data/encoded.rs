//! What a text holds in another notation: base64, as in `data:` addresses and scripts that unpack themselves, and
//! hexadecimal digits.

use base64::{Engine as _, alphabet, engine};

use crate::reader::container;

/// Bytes that stand in a text.
pub(in crate::absent) struct Encoded {
    /// Where their notation starts, in bytes of the text.
    pub(in crate::absent) offset: u64,
    pub(in crate::absent) bytes: Vec<u8>,
}

/// The shortest notation that is looked at, in characters: the longest digest has 128. It counts if it starts like a program
/// or a container.
const SHORTEST: usize = 130;

/// From so many characters on it counts whatever it is. Keys and tokens are shorter.
const LONG: usize = 512;

/// Lines of a notation have all the same length, save the last, and at least this one.
const LINE: usize = 40;

/// All of them, in their order.
pub(super) fn find(text: &str) -> Vec<Encoded> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        let end = run(bytes, at);
        if end == at {
            at += 1;
            continue;
        }
        let (digits, end) = lines(bytes, at, end);
        if digits.len() >= SHORTEST
            && let Some(bytes) = decoded(&digits)
            && (digits.len() >= LONG || starts(&bytes))
        {
            found.push(Encoded { offset: at as u64, bytes });
        }
        at = end;
    }
    found
}

fn starts(bytes: &[u8]) -> bool {
    container(bytes).is_some() || bytes.starts_with(b"MZ") || object::FileKind::parse(bytes).is_ok()
}

/// Where the characters of a notation that start at `at` end.
fn run(bytes: &[u8], at: usize) -> usize {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_digit(byte)).count()
}

/// The digits from `at` on, further lines of the same notation included, and where they end. An end of a line may be
/// written as an escape, as in strings of JSON and C, with quotes around it and spaces ahead.
fn lines(bytes: &[u8], at: usize, first_end: usize) -> (Vec<u8>, usize) {
    let mut digits = bytes.get(at..first_end).unwrap_or_default().to_vec();
    let (width, mut end) = (first_end - at, first_end);
    if width < LINE {
        return (digits, end);
    }
    loop {
        let between = bytes.get(end..).unwrap_or_default().iter().take(16);
        let between =
            between.take_while(|byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | b'"' | b'\'' | b'\\' | b','));
        let mut start = end + between.count();
        let has_end = bytes.get(end..start).unwrap_or_default().contains(&b'\n');
        let mut next = run(bytes, start);
        // `\n` in a string: the letter is no digit.
        if !has_end && bytes.get(start - 1..=start) == Some(b"\\n") {
            start += 1;
            next = run(bytes, start);
        } else if !has_end {
            return (digits, end);
        }
        let len = next.saturating_sub(start);
        if len == 0 || len > width {
            return (digits, end);
        }
        digits.extend(bytes.get(start..next).unwrap_or_default());
        end = next;
        if len < width {
            return (digits, end);
        }
    }
}

fn decoded(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.iter().all(u8::is_ascii_hexdigit) && digits.len().is_multiple_of(2) {
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let (pairs, _) = digits.as_chunks::<2>();
        return pairs.iter().map(|[high, low]| Some((value(*high)? << 4) | value(*low)?)).collect();
    }
    let config = engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(engine::DecodePaddingMode::Indifferent);
    let alphabet =
        if digits.iter().any(|digit| matches!(digit, b'-' | b'_')) { alphabet::URL_SAFE } else { alphabet::STANDARD };
    engine::GeneralPurpose::new(&alphabet, config).decode(digits).ok()
}
