//! What became of the question whether events may be recorded.

use crate::decide::layer::Layer;

/// What became of [`Sdk::ask`](crate::Sdk::ask).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsentAnswer {
    /// Yes: [`Consent::On`](crate::Consent::On) is stored, and the user was told.
    Yes,
    /// No: [`Consent::Off`](crate::Consent::Off) is stored.
    No,
    /// Nobody answered in time, or in words that are no answer. Nothing is stored, and undecided is off.
    None,
    /// Nobody was asked, for this reason. Nothing is stored.
    NotAsked(NotAsked),
}

/// Why nobody was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAsked {
    /// The user has decided already.
    Decided,
    /// This layer of the gate says no, whatever the user would say: CI, `sudo`, `DO_NOT_TRACK`, a policy, a veto, the build.
    KeptOff(Layer),
    /// The answer could not be kept.
    NoFolder,
    /// No person is at a terminal that shows the question and takes the answer: a pipe, an agent, a program in the background or in full
    /// screen, a line that was typed before the question, or a system on which nobody can tell.
    NobodyThere,
}
