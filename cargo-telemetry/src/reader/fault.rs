//! What keeps a reading from being complete.

use std::fmt;

use telemetry_schema::RecordError;

use super::limits;

/// A place of a file that could not be read, and why. What else the file holds is read all the same.
#[derive(Debug)]
pub struct Fault {
    /// The member of an archive or the architecture of a universal file, from the outside to the inside; empty for the
    /// file itself.
    pub member: String,
    /// Where in the file, in bytes. Of a record in a compressed section: where that section starts.
    pub offset: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong at a place.
#[derive(Debug)]
#[non_exhaustive]
pub enum FaultKind {
    /// A record that cannot be read: damaged, of another version, or with a type that this reader does not know.
    Record(RecordError),
    /// Bitcode of LLVM: sections come into being when it is linked.
    Bitcode,
    /// A thin archive holds the names of its members, and not the members.
    ThinArchive,
    /// Apple's encryption hides the program until it is loaded.
    Encrypted,
    /// The section stands in the table without bytes, as in a separate file of debug information.
    NoBytes,
    /// The file contradicts itself.
    Damaged(&'static str),
    /// A compressed section that cannot be decompressed.
    Compressed(String),
    /// More than is read of one file; the text names the bound, and `limits` the reason.
    Limit(&'static str),
    /// The file could not be read on.
    Io(std::io::Error),
}

/// The faults of one file, up to the bound.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) list: Vec<Fault>,
    pub(crate) further: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, member: &str, offset: u64, kind: FaultKind) {
        if self.list.len() < limits::FAULTS {
            self.list.push(Fault { member: member.to_owned(), offset, kind });
        } else {
            self.further += 1;
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.member.is_empty() {
            write!(f, "member {}, ", self.member)?;
        }
        write!(f, "offset {:#x}: {}", self.offset, self.kind)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What serde says is the cause in `RecordError`; here it belongs to the line.
            Self::Record(RecordError::Json(error)) => write!(f, "telemetry record with unreadable content: {error}"),
            Self::Record(error @ RecordError::Version(_)) => write!(f, "{error}; a newer cargo-telemetry may read it"),
            Self::Record(error) => write!(f, "{error}"),
            Self::Bitcode => f.write_str(
                "LLVM bitcode, which has no sections yet; build without LTO, as `--lib` does, or read the linked program",
            ),
            Self::ThinArchive => {
                f.write_str("a thin archive names its members and does not hold them; read the members themselves")
            }
            Self::Encrypted => f.write_str("encrypted until it is loaded; read the program as it was before it was encrypted"),
            Self::NoBytes => f.write_str(
                "the telemetry section has no bytes here, as in a separate file of debug information; read the program itself",
            ),
            Self::Damaged(what) => write!(f, "{what}; the file is damaged or cut off"),
            Self::Compressed(why) => write!(f, "a compressed section that cannot be read: {why}"),
            Self::Limit(what) => write!(f, "more than is read: {what}"),
            Self::Io(error) => write!(f, "cannot be read: {error}"),
        }
    }
}
