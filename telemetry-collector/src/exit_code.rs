//! How the program ends. The numbers are part of its interface, and those of `cargo telemetry`.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// What was asked was done, or holds.
    Holds = 0,
    /// Something was found: damage in the store, an SDK that is ambiguous.
    Found = 1,
    /// Nothing can be said: the store cannot be opened, the file holds no records.
    CannotTell = 2,
    /// The command line is wrong (`EX_USAGE` of BSD's `sysexits.h`).
    Usage = 64,
    /// A file that the command line names is missing or cannot be read (`EX_NOINPUT`).
    NoInput = 66,
    /// An address cannot be listened on, or the data folder is in use (`EX_UNAVAILABLE`).
    Unavailable = 69,
    /// A result could not be written (`EX_CANTCREAT`).
    CannotWrite = 73,
    /// The configuration file is wrong (`EX_CONFIG`).
    Config = 78,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
