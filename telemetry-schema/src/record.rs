//! The bytes of one descriptor inside a binary.
//!
//! `MAGIC` `version digit` `one line of JSON` `\n`. Linkers may pad between records, so a reader looks for the magic and
//! reads up to the line end. `docs/event-record.md` says the same for readers in other languages.

mod read;

use serde::{Deserialize, Serialize};

use crate::{EventDescriptor, SdkDescriptor};

/// What every record starts with. The first byte is not printable text, so that prose cannot look like a record.
pub const MAGIC: [u8; 4] = *b"\x7fTLM";

/// The format version, one ASCII digit after the magic. 2: the record of an SDK names the version of the runtime.
pub const VERSION: u8 = b'2';

/// The longest record that is read, in bytes. The longest one that the macros can produce from a realistic event is a
/// few KiB; the bound keeps a hostile file from making a reader work without end.
pub const MAX_LEN: usize = 1 << 20;

/// One record: what an event or an SDK says of itself inside the binary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "whoever reads a record takes it apart at once; on 32 bits they differ by less"
)]
pub enum Record {
    /// An event.
    Event(EventDescriptor),
    /// An SDK.
    Sdk(SdkDescriptor),
}

/// Why bytes are not a record.
#[derive(Debug)]
pub enum RecordError {
    /// They do not start with the magic.
    Magic,
    /// They were written by another version of this format.
    Version(u8),
    /// No line end within [`MAX_LEN`] bytes, or before the section ends or another record starts.
    Unterminated,
    /// The line is not the JSON of a record.
    Json(serde_json::Error),
    /// As `Json`, found by [`read`], which does not know the cause.
    Unreadable,
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Magic => f.write_str("not a telemetry record: the magic bytes are missing"),
            Self::Version(version) => write!(
                f,
                "telemetry record of format version {:?}; this reader knows version {:?}",
                char::from(*version),
                char::from(VERSION)
            ),
            Self::Unterminated => {
                write!(f, "telemetry record without a line end before the next record, the end or {MAX_LEN} bytes")
            }
            Self::Json(_) | Self::Unreadable => f.write_str("telemetry record with unreadable content"),
        }
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Magic | Self::Version(_) | Self::Unterminated | Self::Unreadable => None,
        }
    }
}

/// Reads the record that `bytes` start with; what follows its line end is ignored.
///
/// # Errors
///
/// See [`RecordError`].
pub fn parse(bytes: &[u8]) -> Result<Record, RecordError> {
    by_serde(line(bytes)?).map_err(RecordError::Json)
}

/// As [`parse`], for a program that reads what its own compiler has written: a tenth of the code, and no word of what is wrong.
///
/// # Errors
///
/// As [`parse`], with [`RecordError::Unreadable`] for content that cannot be read.
pub fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    let json = read::json(bytes)?;
    read::record(&json).ok_or(RecordError::Unreadable)
}

/// As [`read`], for the record of an event. Whoever calls nothing else links no reader of others.
pub fn read_event(bytes: &[u8]) -> Option<EventDescriptor> {
    read::event(&read::json(bytes).ok()?)
}

/// As [`read_event`], and nothing but its names, its fields without what is said of them, its level and its place.
pub fn read_briefly(bytes: &[u8]) -> Option<EventDescriptor> {
    read::brief_event(&read::json(bytes).ok()?, read::brief_field)
}

/// What the record of an event says of its name: `"event":"…"`, and its discriminant where it has one, as they stand there; nothing where the
/// record says something else. Reads no JSON.
pub fn event_names(bytes: &[u8]) -> &[u8] {
    // Before them stand an SDK, a crate and a version, which have no quotes.
    let place = |text: &[u8]| bytes.windows(text.len()).position(|found| found == text);
    let names = place(b"\"event\":\"").zip(place(b",\"kind\":\""));
    names.and_then(|(begin, end)| bytes.get(begin..end)).unwrap_or_default()
}

/// The JSON of one record, which is all that there is.
pub fn json(record: &[u8]) -> Option<&[u8]> {
    match record {
        [a, b, c, d, VERSION, json @ .., b'\n'] if [*a, *b, *c, *d] == MAGIC => Some(json),
        _ => None,
    }
}

/// The JSON of the record at the beginning of `bytes`.
fn line(bytes: &[u8]) -> Result<&[u8], RecordError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(RecordError::Magic)?;
    let json = match rest.split_first() {
        Some((&VERSION, json)) => json,
        Some((&other, _)) => return Err(RecordError::Version(other)),
        None => return Err(RecordError::Unterminated),
    };
    json.iter()
        .take(MAX_LEN)
        .position(|&byte| byte == b'\n')
        .and_then(|end| json.get(..end))
        .ok_or(RecordError::Unterminated)
}

/// What the implementation of `Deserialize` reads, in two steps and straight from the text: for an enum with its tag inside,
/// serde makes a copy of everything first, and code that reads descriptors from the copy (a tenth of this crate).
fn by_serde(line: &[u8]) -> serde_json::Result<Record> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Event,
        Sdk,
    }
    #[derive(Deserialize)]
    struct Head {
        record: Kind,
    }
    match serde_json::from_slice::<Head>(line)?.record {
        Kind::Event => serde_json::from_slice(line).map(Record::Event),
        Kind::Sdk => serde_json::from_slice(line).map(Record::Sdk),
    }
}

/// Cuts a link section into its records, read or not: the offset of each magic, and the bytes from it to the next one.
///
/// Bytes before the first magic are padding. A record cannot contain the magic, so one that runs into the next has no
/// end; cutting there keeps the work for any section linear in its length.
pub fn split(section: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = find_magic(section, 0);
    std::iter::from_fn(move || {
        let start = next?;
        next = find_magic(section, start + MAGIC.len());
        section.get(start..next.unwrap_or(section.len())).map(|record| (start, record))
    })
}

fn find_magic(section: &[u8], from: usize) -> Option<usize> {
    section.get(from..)?.windows(MAGIC.len()).position(|window| window == MAGIC).map(|at| from + at)
}

/// Reads every record of a link section, in the order of the section.
///
/// Bytes between records are skipped; a damaged record yields an error and the search goes on behind its magic.
pub fn parse_section(section: &[u8]) -> impl Iterator<Item = Result<Record, RecordError>> {
    split(section).map(|(_, record)| parse(record))
}

#[cfg(test)]
mod tests;
