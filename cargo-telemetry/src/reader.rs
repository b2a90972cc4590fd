//! From the bytes of a program to its manifest, without running it.
//!
//! `docs/event-record.md` describes the bytes.

use std::path::Path;

use object::{Object as _, ObjectSection as _};
use telemetry_schema::{Manifest, Record, record};

/// What was read of one file.
#[derive(Debug)]
pub struct Reading {
    /// All SDKs and events, in the order of every manifest.
    pub manifest: Manifest,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("cannot read {path}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no program in a known format.
    #[error("{path} is no program in a known format")]
    Format {
        /// Which file.
        path: String,
    },
    /// A program without records: unknown, never clean.
    #[error("{path} holds no telemetry records")]
    NoRecords {
        /// Which file.
        path: String,
    },
    /// A record that cannot be read.
    #[error("{path} holds a record that cannot be read")]
    Record {
        /// Which file.
        path: String,
        /// Why.
        source: record::RecordError,
    },
}

/// Reads all records of the program at `path`.
///
/// # Errors
///
/// See [`ReadError`]. A program without records is an error: "no section" means unknown.
pub fn read(path: &Path) -> Result<Reading, ReadError> {
    let name = || path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| ReadError::Io { path: name(), source })?;
    let (mut sdks, mut events) = (Vec::new(), Vec::new());
    let mut images: Vec<&[u8]> = vec![&bytes];
    if let Ok(archive) = object::read::archive::ArchiveFile::parse(&*bytes) {
        images = archive.members().filter_map(|member| member.ok()?.data(&*bytes).ok()).collect();
    }
    let files: Vec<_> = images.iter().filter_map(|image| object::File::parse(*image).ok()).collect();
    if files.is_empty() {
        return Err(ReadError::Format { path: name() });
    }
    for section in files.iter().flat_map(|file| file.sections()) {
        if !matches!(section.name(), Ok(".telemetry" | "__telemetry" | ".telem" | ".telem$m")) {
            continue;
        }
        let data = section.uncompressed_data().map_err(|_| ReadError::Format { path: name() })?;
        for found in record::parse_section(&data) {
            match found.map_err(|source| ReadError::Record { path: name(), source })? {
                Record::Sdk(sdk) => sdks.push(sdk),
                Record::Event(event) => events.push(event),
                _ => return Err(ReadError::Format { path: name() }),
            }
        }
    }
    if sdks.is_empty() && events.is_empty() {
        return Err(ReadError::NoRecords { path: name() });
    }
    Ok(Reading { manifest: Manifest::new(sdks, events) })
}
