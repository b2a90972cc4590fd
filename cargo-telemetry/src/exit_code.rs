//! How the program ends. The numbers are part of its interface: scripts and CI rely on them.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// What was asked holds: listed, up to date, no difference, no trace.
    Holds = 0,
    /// Something was found: a rule is broken, the lock file differs, there is a trace.
    Found = 1,
    /// Nothing can be said: unreadable, packed, compiled without telemetry where events were expected.
    CannotTell = 2,
    /// The command line is wrong (`EX_USAGE` of BSD's `sysexits.h`).
    Usage = 64,
    /// A file that the command line names is missing or cannot be read (`EX_NOINPUT`).
    NoInput = 66,
    /// The package could not be built (`EX_UNAVAILABLE`).
    Build = 69,
    /// A result could not be written (`EX_CANTCREAT`).
    CannotWrite = 73,
    /// A configuration file is wrong (`EX_CONFIG`).
    Config = 78,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
