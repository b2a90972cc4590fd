//! Why nothing, or not all, was read of a file.

use super::Reading;

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
    /// A folder, a pipe, a device: nothing that holds a program. It was not opened.
    #[error("{path} is {what}, not a file; name a program, a library or an archive")]
    NotAFile {
        /// Which path.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// It is no program in a known format.
    #[error("{path} is no program in a known format: {what}")]
    Format {
        /// Which file.
        path: String,
        /// What it is instead, and what to do.
        what: &'static str,
    },
    /// A program without records: unknown, never clean.
    #[error("{path} holds no telemetry records")]
    NoRecords {
        /// Which file.
        path: String,
    },
    /// Not everything could be read, so a list would not be complete. The reading holds what could, and the faults.
    #[error("{}", .0.faults_text())]
    Incomplete(Box<Reading>),
}
