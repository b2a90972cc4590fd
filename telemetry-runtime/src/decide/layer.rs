//! What one layer of the gate says.

use serde::Serialize;

/// One layer of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Layer {
    /// Its number, 1 to 11; lower numbers are asked first. 0 stands before them in a forked child, and says what to do.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// What it says.
    pub verdict: Verdict,
    /// What was found.
    pub value: String,
    /// Where it was found.
    pub source: String,
}

impl Layer {
    pub(crate) fn new(
        number: u8,
        name: &str,
        verdict: Verdict,
        value: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self { number, name: name.to_owned(), verdict, value: value.into(), source: source.into() }
    }
}

/// What one layer of the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
