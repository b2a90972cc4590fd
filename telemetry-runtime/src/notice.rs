//! What the user is told before anything is recorded, generated from the registry by `telemetry_schema::notice`.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _},
};

use telemetry_schema::{Record, digest, record};

use crate::notice_text::Notice;
use crate::{
    gate::{Surroundings, is_agent, is_ci},
    registry::events_of,
    sdk::Sdk,
    stderr,
};

/// The set of things that a user agrees to: one digest per event, one for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgreedSet {
    pub(crate) events: BTreeMap<String, String>,
    pub(crate) sdk: String,
}

impl AgreedSet {
    /// What this program asks agreement for.
    pub(crate) fn of(sdk: Sdk) -> Self {
        let events = events_of(sdk.info.name).iter().map(|event| (event.key(), digest::event(event))).collect();
        let sdk = match record::parse(sdk.info.record) {
            Ok(Record::Sdk(sdk)) => digest::sdk(&sdk),
            _ => String::new(),
        };
        Self { events, sdk }
    }

    fn hash(&self) -> String {
        digest::set(self.events.values().map(String::as_str).chain(std::iter::once(self.sdk.as_str())))
    }
}

/// Writes the notice for one SDK.
pub(crate) fn notice(sdk: Sdk) -> Notice {
    let events = events_of(sdk.info.name);
    let hash = AgreedSet::of(sdk).hash();
    let Ok(Record::Sdk(declared)) = record::parse(sdk.info.record) else {
        return Notice { text: String::new(), hash };
    };
    Notice { text: telemetry_schema::notice::text(&declared, &events), hash }
}

/// Whether a person watches standard error at this moment: a terminal in line mode, in the foreground of which this
/// program is, and neither CI nor an agent behind it.
pub(crate) fn is_watched(surroundings: &Surroundings) -> bool {
    may_be_watched(surroundings) && stderr::is_watched()
}

/// Whether a person may watch standard error now or later in this run.
pub(crate) fn may_be_watched(surroundings: &Surroundings) -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !dumb && !is_ci(surroundings) && !is_agent(surroundings)
}

/// Prints the notice; `true` when all of it was written. A notice that was not printed does not count as shown.
pub(crate) fn print(notice: &Notice) -> bool {
    !notice.text.is_empty() && stderr::show(&format!("\n{}\n\n", notice.text))
}
