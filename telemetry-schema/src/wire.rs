//! The wire formats: one table, one row each.
//!
//! Whatever differs between two formats is asked of the row, or follows from what the request carries ([`Carries`]). The macros
//! have the same table for the compiler in `telemetry-macros/src/attr/wire.rs`; a test holds them together.

use serde::{Deserialize, Serialize};

/// How a batch looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// `POST {endpoint}/v1/event` with a list of events.
    EventBatch {
        /// Exactly the keys of the Clerk SDKs: no id, no time.
        strict: bool,
    },
    /// `GET {endpoint}/telemetry?payload=…`, one event per run, as Refine core sends.
    Beacon,
    /// `POST {endpoint}/cli` with the payload itself, as the Refine CLI sends.
    Report,
    /// `POST {endpoint}/v1/logs`: OTLP/HTTP logs as JSON, as collectors of OpenTelemetry take them.
    Otlp,
}

/// What a request carries. How many events it holds and how long one may be follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carries {
    /// A list of events in the body, each with its envelope.
    Events,
    /// A list of OTLP's log records in the body, each an event; the payload and what goes with it are attributes.
    Records,
    /// The payload of one event is the body.
    Payload,
    /// The payload of one event stands in the address.
    Address,
}

impl Carries {
    /// Whether one request can hold several events, and events of several types: what carries a bare payload cannot name the
    /// event.
    pub const fn is_list(self) -> bool {
        match self {
            Self::Events | Self::Records => true,
            Self::Payload | Self::Address => false,
        }
    }

    /// Whether the event has to fit into an address.
    pub const fn is_in_address(self) -> bool {
        match self {
            Self::Address => true,
            Self::Events | Self::Records | Self::Payload => false,
        }
    }
}

/// One row of the table of wire formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireFormat {
    /// The number that stands for it in the files of the spool; it never changes, and no other format gets it.
    pub code: u8,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// What follows the endpoint; an address that carries the payload continues it.
    pub path: &'static str,
    /// The type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// What the request carries.
    pub carries: Carries,
    /// Each event has an id and a time of its own. Without them the request's key tells a repeat, its header names the UTC day
    /// of its events, and they wait two days at most.
    pub has_ids: bool,
    /// A run of the program sends one event at most.
    pub once_per_run: bool,
}

/// What a format is called. Apart from its row: who only sends knows no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireWords {
    /// As `sdk!` spells it.
    pub spelling: &'static str,
    /// What lists call it.
    pub name: &'static str,
    /// What a user agrees to is a digest of this word; it never changes.
    pub digest_word: &'static str,
}

impl Wire {
    /// Every format.
    pub const ALL: [Self; 5] =
        [Self::EventBatch { strict: false }, Self::EventBatch { strict: true }, Self::Beacon, Self::Report, Self::Otlp];

    /// The row of this format.
    pub const fn format(self) -> &'static WireFormat {
        match self {
            Self::EventBatch { strict: false } => &WireFormat {
                code: 0,
                method: "POST",
                path: "/v1/event",
                content_type: Some("application/json"),
                carries: Carries::Events,
                has_ids: true,
                once_per_run: false,
            },
            Self::EventBatch { strict: true } => &WireFormat {
                code: 1,
                method: "POST",
                path: "/v1/event",
                content_type: Some("application/json"),
                carries: Carries::Events,
                has_ids: false,
                once_per_run: false,
            },
            Self::Beacon => &WireFormat {
                code: 2,
                method: "GET",
                path: "/telemetry?payload=",
                content_type: None,
                carries: Carries::Address,
                has_ids: false,
                once_per_run: true,
            },
            Self::Report => &WireFormat {
                code: 3,
                method: "POST",
                path: "/cli",
                content_type: Some("application/json"),
                carries: Carries::Payload,
                has_ids: false,
                once_per_run: false,
            },
            Self::Otlp => &WireFormat {
                code: 4,
                method: "POST",
                path: "/v1/logs",
                content_type: Some("application/json"),
                carries: Carries::Records,
                has_ids: true,
                once_per_run: false,
            },
        }
    }

    /// What this format is called.
    pub const fn words(self) -> WireWords {
        let (spelling, name, digest_word) = match self {
            Self::EventBatch { strict: false } => ("EventBatch { strict: false }", "event batch", "wire;event_batch"),
            Self::EventBatch { strict: true } => {
                ("EventBatch { strict: true }", "event batch, strict", "wire;event_batch;strict")
            }
            Self::Beacon => ("Beacon", "beacon", "wire;beacon"),
            Self::Report => ("Report", "report", "wire;report"),
            Self::Otlp => ("Otlp", "OTLP logs", "wire;otlp"),
        };
        WireWords { spelling, name, digest_word }
    }

    /// Whether an event on this wire carries an id and a time of its own.
    pub const fn has_ids(self) -> bool {
        self.format().has_ids
    }

    /// What a request on this wire carries.
    pub const fn carries(self) -> Carries {
        self.format().carries
    }

    /// Whether there is room for several events.
    pub const fn is_list(self) -> bool {
        self.carries().is_list()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The place of a format in [`Wire::ALL`]: a new one does not compile before it stands here, and does not pass before it
    /// stands there.
    fn place(wire: Wire) -> usize {
        match wire {
            Wire::EventBatch { strict: false } => 0,
            Wire::EventBatch { strict: true } => 1,
            Wire::Beacon => 2,
            Wire::Report => 3,
            Wire::Otlp => 4,
        }
    }

    #[test]
    fn every_format_is_in_the_list_and_is_told_from_the_others() {
        assert_eq!(Wire::ALL.map(place).as_slice(), (0..Wire::ALL.len()).collect::<Vec<_>>());
        let distinct = |of: fn(Wire) -> String| Wire::ALL.into_iter().map(of).collect::<BTreeSet<_>>().len();
        for of in [
            (|wire: Wire| wire.words().spelling.to_owned()) as fn(Wire) -> String,
            |wire| wire.words().name.to_owned(),
            |wire| wire.words().digest_word.to_owned(),
            |wire| wire.format().code.to_string(),
        ] {
            assert_eq!(distinct(of), Wire::ALL.len());
        }
        for wire in Wire::ALL {
            let row = wire.format();
            assert_eq!(row.content_type.is_some(), row.method == "POST", "{wire:?}: a body has a type");
        }
    }
}
