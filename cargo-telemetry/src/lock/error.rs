use std::fmt;

/// Why a text is no lock file. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockError {
    /// A merge left both sides in the file.
    MergeConflict {
        /// The line of the first marker.
        line: usize,
    },
    /// It was written by a later version of this tool.
    Version {
        /// The version in the file.
        found: u32,
    },
    /// It was written in a former format.
    Former {
        /// The version in the file.
        found: u32,
    },
    /// It has no `lock_version`: most likely another file.
    NoVersion,
    /// It is not TOML, or not this file.
    Syntax {
        /// The line, where it is known.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// A type of field that this reader does not know.
    Type {
        /// The line.
        line: usize,
        /// The text.
        text: String,
        /// What is wrong with it.
        message: String,
    },
}

impl LockError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::MergeConflict { .. } => {
                "solve the conflict in the sources, then run `cargo telemetry lock`: the file follows from them"
            }
            Self::Version { .. } => "use a `cargo-telemetry` of at least the version that wrote the file",
            Self::Former { .. } => {
                "run `cargo telemetry lock`: it builds what the file names, and writes the file in the present format"
            }
            Self::NoVersion => "name a file that `cargo telemetry lock` has written",
            Self::Syntax { .. } | Self::Type { .. } => "run `cargo telemetry lock` to write the file again",
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MergeConflict { line } => write!(f, "line {line}: a marker of a merge conflict"),
            Self::Version { found } => {
                write!(f, "lock_version is {found}; this tool knows versions up to {}", super::LOCK_VERSION)
            }
            Self::Former { found } => {
                write!(f, "lock_version is {found}, a former format; this tool writes version {}", super::LOCK_VERSION)
            }
            Self::NoVersion => f.write_str("no lock file: `lock_version` is missing"),
            Self::Syntax { line: Some(line), message } => write!(f, "line {line}: {message}"),
            Self::Syntax { line: None, message } => f.write_str(message),
            Self::Type { line, text, message } => write!(f, "line {line}: type {text:?}: {message}"),
        }
    }
}

impl std::error::Error for LockError {}
