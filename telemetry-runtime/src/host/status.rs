//! What the gate decided for one SDK, and why.

use std::fmt;

use serde::{Serialize, Serializer};
use telemetry_schema::Level;

use crate::{
    count::LedgerCounts,
    decide::{
        exit_text::StatusExit,
        layer::{Layer, LayerDecision, Verdict},
        pause_text::{self, StatusPause},
    },
    host::at_vendor::InstallationId,
};

/// Every layer of the gate with its value and source, which one won, and the ledger of this process.
///
/// `Display` is the text for people, [`Status::to_json`] the same for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The SDK's name.
    pub sdk: String,
    /// What becomes of an event that is recorded now.
    pub mode: StatusMode,
    /// The layer that decided: the first with the strictest answer, or the last one. `None` in the silent child of a fork, which
    /// asks no layer. In JSON its number, or 0.
    #[serde(serialize_with = "number")]
    pub decided_by: Option<Layer>,
    /// All layers, in order.
    pub layers: Vec<LayerDecision>,
    /// The words by which the user reaches the commands of [`cli`](crate::cli), where the program has them: `acme telemetry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Where batches would go.
    pub endpoint: String,
    /// Where consent and spool are kept, if there is such a place.
    pub state_dir: Option<String>,
    /// Keys of events that are off: two schemas claim the key, or the wire format has room for one event only.
    pub conflicts: Vec<String>,
    /// What happens at the end of a short program, and whether the program lets it happen.
    pub exit: StatusExit,
    /// Why nothing is sent at this moment although it might be, and for how long, if that is so.
    #[serde(flatten, serialize_with = "pause_text::keys")]
    pub paused: Option<StatusPause>,
    /// Settings of the host that have no effect on this SDK: `Options::instance` where `sdk!` declares no `instance`.
    pub ignored: Vec<String>,
    /// Where other SDKs of this program send that have the same name: a finding, since the name does not tell them apart. The
    /// user's decision holds for all of them.
    pub same_name: Vec<String>,
    /// How much the user lets be recorded, where events of this program have levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The ids of this machine under which events were sent, where the SDK declares `identity`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub installation_ids: Vec<InstallationId>,
    /// Events that wait until the user was told of them, `<key> (new)` or `<key> (new: field x)`.
    pub awaiting_consent: Vec<String>,
    /// What became of the events of this process.
    pub ledger: LedgerCounts,
    /// What became of the events of all programs of this user, as they last wrote it down; absent where nothing was ever
    /// written.
    pub total: Option<LedgerTotal>,
}

/// What becomes of an event that is recorded now.
///
/// `Display` and the JSON of [`Status::to_json`] have the same words. They stay as they are in later versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusMode {
    /// `on`: it is kept and sent.
    On,
    /// `local`: it is kept and not sent.
    Local,
    /// `off`: a layer of the gate says no.
    Off,
    /// `waiting for the notice`: it is counted and not kept, until the user was told.
    WaitingForNotice,
    /// `debug`: it is printed to standard error.
    Debug,
    /// `forked`: this is the child of a fork, which records nothing before [`reinit_after_fork`](crate::reinit_after_fork).
    Forked,
    /// `compiled out`: this program has no telemetry.
    CompiledOut,
}

impl fmt::Display for StatusMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::On => "on",
            Self::Local => "local",
            Self::Off => "off",
            Self::WaitingForNotice => "waiting for the notice",
            Self::Debug => "debug",
            Self::Forked => "forked",
            Self::CompiledOut => "compiled out",
        })
    }
}

impl Serialize for StatusMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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

fn number<S: Serializer>(layer: &Option<Layer>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(layer.map_or(0, Layer::number))
}

impl Status {
    /// What the layer said that decided; in the silent child of a fork, what to do there.
    pub fn decision(&self) -> Option<&LayerDecision> {
        let number = self.decided_by.map_or(0, Layer::number);
        self.layers.iter().find(|layer| layer.number == number)
    }

    /// The status as one JSON object.
    pub fn to_json(&self) -> String {
        // Strings and numbers only: nothing here that JSON cannot express.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.sdk, self.mode)?;
        let decision = self.decision().map(|layer| layer.number);
        for layer in &self.layers {
            let mark = if decision == Some(layer.number) { '>' } else { ' ' };
            let verdict = match layer.verdict {
                Verdict::Allows => "allows",
                Verdict::Local => "local",
                Verdict::Off => "off",
            };
            let LayerDecision { number, name, value, source, .. } = layer;
            writeln!(f, "{mark} {number:>2} {name:<16} {verdict:<7} {value} ({source})")?;
        }
        if let Some(command) = &self.command {
            writeln!(f, "  your say: {command} off | local | on | preview | log | erase")?;
        }
        if let Some(level) = self.level {
            let words: Vec<_> = Level::ALL.iter().map(|level| level.word()).collect();
            writeln!(f, "  level: {}, of off | {}", level.word(), words.join(" | "))?;
        }
        for id in &self.installation_ids {
            writeln!(f, "  pseudonymous id: {id}")?;
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
        for setting in &self.ignored {
            writeln!(f, "  ignored: {setting}: {}", crate::decide::options::IGNORED)?;
        }
        for endpoint in &self.same_name {
            writeln!(f, "  same name: another SDK of this program sends to {endpoint}; a decision holds for both")?;
        }
        for event in &self.awaiting_consent {
            writeln!(f, "  waits until you are told of it: {event}")?;
        }
        let redacted = self.total.as_ref().map_or(0, |total| total.counts.redacted).max(self.ledger.redacted);
        if redacted > 0 {
            let texts = if redacted == 1 { "text" } else { "texts" };
            writeln!(
                f,
                "  fault: {redacted} {texts} of this program held what looks like a home folder, an address, a token, a key or e-mail, \
                 and was replaced"
            )?;
        }
        write!(f, "  this process: {}", self.ledger)?;
        match &self.total {
            Some(LedgerTotal { since, counts }) => write!(f, "\n  since {since}: {counts}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_has_one_word_in_text_and_json() {
        let words = [
            (StatusMode::On, "on"),
            (StatusMode::Local, "local"),
            (StatusMode::Off, "off"),
            (StatusMode::WaitingForNotice, "waiting for the notice"),
            (StatusMode::Debug, "debug"),
            (StatusMode::Forked, "forked"),
            (StatusMode::CompiledOut, "compiled out"),
        ];
        for (mode, word) in words {
            assert_eq!(mode.to_string(), word);
            assert_eq!(serde_json::to_value(mode).unwrap(), word);
        }
    }
}
