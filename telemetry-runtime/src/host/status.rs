//! What the gate decided for one SDK, and why.

use std::fmt;

use serde::Serialize;

use crate::{
    count::LedgerCounts,
    decide::layer::{Layer, Verdict},
};

/// Every layer of the gate with its value and source, which one won, and the ledger of this process.
///
/// `Display` is the text for people, [`Status::to_json`] the same for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The SDK's name.
    pub sdk: String,
    /// `on`, `local`, `off`, `waiting for the notice`, `debug`, `forked` or `compiled out`.
    pub mode: String,
    /// The number of the layer that decided: the first that says no, or the last one.
    pub decided_by: u8,
    /// All layers, in order.
    pub layers: Vec<Layer>,
    /// Where batches would go.
    pub endpoint: String,
    /// Where consent and spool are kept, if there is such a place.
    pub state_dir: Option<String>,
    /// Keys of events that are off: two schemas claim the key, or the wire format has room for one event only.
    pub conflicts: Vec<String>,
    /// What happens at the end of a short program: `later`, `grace of 300 ms` or `detached`. Where the program does not hold
    /// an [`exit_guard`](crate::exit_guard), which the last two need, it says so.
    pub exit: String,
    /// Why nothing is sent at this moment although it might be, and for how long, if that is so.
    pub paused: Option<String>,
    /// Where other SDKs of this program send that have the same name: a finding, since the name does not tell them apart. The
    /// user's decision holds for all of them.
    pub same_name: Vec<String>,
    /// Events that wait until the user was told of them, `<key> (new)` or `<key> (new: field x)`.
    pub awaiting_consent: Vec<String>,
    /// What became of the events of this process.
    pub ledger: LedgerCounts,
    /// What became of the events of all programs of this user, as they last wrote it down; absent where nothing was ever
    /// written.
    pub total: Option<LedgerTotal>,
}

/// What became of the events of one SDK in all programs of this user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerTotal {
    /// The UTC day on which counting began, such as `2026-11-22`.
    pub since: String,
    /// The counts. A process writes its own down once a second; `recovered` are events of processes that were killed before.
    pub counts: LedgerCounts,
}

impl Status {
    /// The status as one JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers only: nothing here that JSON cannot express.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.sdk, self.mode)?;
        for layer in &self.layers {
            let mark = if layer.number == self.decided_by { '>' } else { ' ' };
            let verdict = match layer.verdict {
                Verdict::Allows => "allows",
                Verdict::Local => "local",
                Verdict::Off => "off",
            };
            let Layer { number, name, value, source, .. } = layer;
            writeln!(f, "{mark} {number:>2} {name:<16} {verdict:<7} {value} ({source})")?;
        }
        writeln!(f, "  endpoint: {}", self.endpoint)?;
        if let Some(dir) = &self.state_dir {
            writeln!(f, "  state folder: {dir}")?;
        }
        for key in &self.conflicts {
            writeln!(f, "  off: {key}: two schemas claim it, or its wire format has room for one event only")?;
        }
        writeln!(f, "  exit: {}", self.exit)?;
        if let Some(paused) = &self.paused {
            writeln!(f, "  paused: {paused}")?;
        }
        for endpoint in &self.same_name {
            writeln!(f, "  same name: another SDK of this program sends to {endpoint}; a decision holds for both")?;
        }
        for event in &self.awaiting_consent {
            writeln!(f, "  waits until you are told of it: {event}")?;
        }
        write!(f, "  this process: {}", self.ledger)?;
        match &self.total {
            Some(LedgerTotal { since, counts }) => write!(f, "\n  since {since}: {counts}"),
            None => Ok(()),
        }
    }
}
