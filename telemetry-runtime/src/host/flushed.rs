//! What a flush achieved; the same types in builds with and without telemetry.

use std::fmt;

/// What a flush achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flushed {
    /// Events that the server confirmed during the flush.
    pub sent: u64,
    /// Events that stay in memory or on disk: a later run sends them.
    pub waiting: u64,
}

/// Why a flush did not come to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushError {
    /// The time passed first. The events stay on disk and are sent by a later run.
    Timeout,
    /// No SDK of this program may send: the gate says no, or telemetry is compiled out.
    Refused,
    /// This process is the child of a `fork`, and silent until it calls
    /// [`reinit_after_fork`](crate::reinit_after_fork). What was recorded before the fork is the parent's to send.
    Forked,
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "the flush timed out; a later run sends what is waiting",
            Self::Forked => "this process was forked; call `reinit_after_fork()` in the child first",
            Self::Refused => "no SDK of this program may send; ask its `status()` why",
        })
    }
}

impl std::error::Error for FlushError {}
