//! What a layer of the gate answers.

use serde::Serialize;

use crate::decide::finding::Finding;

/// What a layer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    pub(crate) value: Finding,
    pub(crate) source: String,
}

impl Answer {
    pub(crate) fn new(verdict: Verdict, value: Finding, source: impl Into<String>) -> Self {
        Self { verdict, value, source: source.into() }
    }
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
