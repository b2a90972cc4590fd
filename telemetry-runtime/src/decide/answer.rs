//! What a layer of the gate answers.

use serde::Serialize;

use crate::decide::finding::Finding;

/// What a layer can be asked for: its answer with what was found and where, or its verdict alone, which is all that the path of an event
/// needs.
pub(crate) trait AskedFor: From<Answer> {
    /// With what was found and where, in this order, where somebody wants to know.
    fn with(verdict: Verdict, tell: impl FnOnce() -> (Finding, String)) -> Self;

    /// A constant, which nobody has to drop who asks for the verdict alone.
    #[inline]
    fn new(verdict: Verdict, value: &'static Finding, source: impl Into<String>) -> Self {
        Self::with(verdict, || (value.clone(), source.into()))
    }
}

impl AskedFor for Answer {
    fn with(verdict: Verdict, tell: impl FnOnce() -> (Finding, String)) -> Self {
        let (value, source) = tell();
        Self { verdict, value, source }
    }
}

impl AskedFor for Verdict {
    fn with(verdict: Verdict, _tell: impl FnOnce() -> (Finding, String)) -> Self {
        verdict
    }
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        answer.verdict
    }
}

/// What a layer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) value: Finding,
    pub(crate) source: String,
}

/// What one layer of the gate says; the strictest one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing against it.
    Allows,
    /// Collect, do not send.
    Local,
    /// Neither.
    Off,
}
