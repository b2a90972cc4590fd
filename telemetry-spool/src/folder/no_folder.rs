//! Why a folder cannot be used.

use std::{fmt, io};

/// Why a folder cannot be used.
#[cfg_attr(not(unix), allow(dead_code, reason = "owners and modes are asked for on Unix only"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFolder {
    /// The folder that all others would be in does not exist.
    Missing,
    /// We are root in the home of somebody else; files of root there would be in their way.
    OthersHome,
    /// A folder of ours is a symbolic link or no folder at all.
    NotAFolder(String),
    /// A folder of ours belongs to another user.
    OthersFolder(String),
    /// Others may write to a folder of ours.
    Writable(String),
    /// The name is not fit for a folder.
    BadName(String),
    /// The folder was erased while this process ran.
    Erased,
    /// The operating system said no.
    Io(io::ErrorKind),
}

impl fmt::Display for NoFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the home or state directory does not exist"),
            Self::OthersHome => f.write_str("root in another user's home"),
            Self::NotAFolder(name) => write!(f, "`{name}` is not a folder, or a symbolic link"),
            Self::OthersFolder(name) => write!(f, "folder `{name}` belongs to another user"),
            Self::Writable(name) => write!(f, "others may write to folder `{name}`"),
            Self::BadName(name) => write!(f, "`{name}` cannot be the name of a folder"),
            Self::Erased => f.write_str("the folder was erased"),
            Self::Io(kind) => write!(f, "{kind}"),
        }
    }
}

impl std::error::Error for NoFolder {}

impl From<io::Error> for NoFolder {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}
