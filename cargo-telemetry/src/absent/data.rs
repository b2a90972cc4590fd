//! Files without code that are understood to their last byte: text, pictures, certificates.

mod encoded;

use std::io::Read as _;

pub(super) use encoded::Encoded;

use crate::reader::{Source, Stream, limits::DATA_BYTES};

/// What bytes are that are neither an image nor a container.
pub(super) enum Data {
    /// They hold no code. What a text holds in another notation is to be looked at by itself.
    Known(Vec<Encoded>),
    /// A text up to this byte.
    TextUntil(u64),
    /// Something else.
    Unknown(&'static str),
}

/// Looks at all of `source`.
pub(super) fn look(source: &dyn Source) -> Data {
    if matches!(super::part::first_set(source, &(0..source.len())), Ok(None)) {
        return Data::Known(Vec::new());
    }
    if source.len() > DATA_BYTES {
        return Data::Unknown("more than 64 MiB that are neither a program nor an archive");
    }
    let mut bytes = Vec::new();
    if Stream::new(source, 0, source.len()).read_to_end(&mut bytes).is_err() {
        return Data::Unknown("bytes that cannot be read");
    }
    if is_png(&bytes) || is_der(&bytes) {
        return Data::Known(Vec::new());
    }
    match text(&bytes) {
        Ok(text) => Data::Known(encoded::find(&text)),
        // The first line of a script, and what follows the last one.
        Err(at) if at >= SCRIPT || bytes.starts_with(b"#!") => Data::TextUntil(at as u64),
        Err(_) => Data::Unknown("bytes of a format that is not known here"),
    }
}

/// So many bytes of text make the start of a file a text.
const SCRIPT: usize = 16;

/// Of 100 bytes of a text in an old encoding at most so many are no ASCII: more are prose in no language that these
/// encodings were made for.
const FOREIGN: usize = 40;

/// Of so many bytes of a text one may be a control character: a page of a manual uses one as a mark. A text that goes on
/// as a program has more, or a zero, or is no UTF-8.
const BYTES_PER_CONTROL: usize = 1_000;

/// Whether these bytes are text to their end.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    text(bytes).is_ok()
}

/// The text that these bytes are, in UTF-8, UTF-16 or an encoding of one byte per letter, or the place where they are not.
fn text(bytes: &[u8]) -> Result<String, usize> {
    if let Some(units) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return wide(units, u16::from_le_bytes).ok_or(0);
    }
    if let Some(units) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return wide(units, u16::from_be_bytes).ok_or(0);
    }
    let controls = || bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii() && is_control(char::from(**byte)));
    if bytes.contains(&0) || controls().count() * BYTES_PER_CONTROL > bytes.len() {
        return Err(controls().map(|(at, _)| at).next().unwrap_or_default());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            let one_byte =
                bytes.iter().all(|byte| !matches!(byte, 0x80..=0x9f)) && foreign * 100 <= bytes.len() * FOREIGN;
            if one_byte { Ok(bytes.iter().map(|byte| char::from(*byte)).collect()) } else { Err(error.valid_up_to()) }
        }
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok()?;
    // Any two bytes are a character: only words make it a text.
    let plain = text.chars().filter(char::is_ascii).count();
    let controls = text.chars().any(is_control);
    (!controls && plain * 100 >= text.chars().count() * (100 - FOREIGN)).then_some(text)
}

/// No character of texts: not the end of a line or page, a tabulator, a step back or the start of a colour.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x08' | '\x0b' | '\x0c' | '\x1b')
}

/// The chunks that the standard of PNG knows, with those of animations. Others may hold anything.
const CHUNKS: [&[u8; 4]; 21] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"tEXt", b"zTXt",
    b"iTXt", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"tIME", b"acTL", b"fcTL", b"fdAT",
];

/// Whether these bytes are a PNG picture to their end.
fn is_png(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return false };
    loop {
        let Some((len, behind)) = rest.split_first_chunk::<4>() else { return false };
        let Some((name, behind)) = behind.split_first_chunk::<4>() else { return false };
        let len = u32::from_be_bytes(*len) as usize;
        let Some(behind) = len.checked_add(4).and_then(|len| behind.get(len..)) else { return false };
        if !CHUNKS.contains(&name) {
            return false;
        }
        if name == b"IEND" {
            return len == 0 && behind.is_empty();
        }
        rest = behind;
    }
}

/// The longest value of a certificate or signature: a list of extensions, a key. Programs are larger.
const DER_VALUE: usize = 16 << 10;

/// Whether these bytes are one value of ASN.1 to their end, such as a certificate or a signature.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30) && bytes.len() > 64 && der(bytes, 0)
}

fn der(mut bytes: &[u8], depth: usize) -> bool {
    while let Some((&tag, rest)) = bytes.split_first() {
        let Some((&first, rest)) = rest.split_first() else { return false };
        let (len, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let Some((digits, rest)) = rest.split_at_checked(usize::from(first & 0x7f)) else { return false };
                (digits.iter().fold(0, |len, digit| (len << 8) | usize::from(*digit)), rest)
            }
            _ => return false,
        };
        let Some((value, rest)) = rest.split_at_checked(len) else { return false };
        let constructed = tag & 0x20 != 0;
        if (constructed && (depth == 32 || !der(value, depth + 1))) || (!constructed && len > DER_VALUE) {
            return false;
        }
        bytes = rest;
    }
    true
}
