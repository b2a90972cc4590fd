use serde::{Deserialize, Serialize};

use crate::FieldDescriptor;

/// What can be known of one event without running the program: the parsed record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct EventDescriptor {
    /// The SDK it belongs to.
    pub sdk: String,
    /// The crate that declares it.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// The version of that crate.
    pub version: String,
    /// The name that is sent.
    pub event: String,
    /// Which component or method, where many places share one event name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discriminant: Option<String>,
    /// What it reports.
    pub kind: Kind,
    /// The documentation comment of the event type or function.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// Its fields, in the order of the payload.
    pub fields: Vec<FieldDescriptor>,
    /// The share of machine-days on which it is recorded, 0 to 1.
    pub sample: f64,
    /// How often an identical event is recorded.
    pub throttle: Throttle,
    /// From which level on it is recorded, where the author says so; [`EventDescriptor::level`] is what holds.
    #[serde(default, rename = "level", skip_serializing_if = "Option::is_none")]
    pub declared_level: Option<Level>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// A link to its review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<String>,
    /// The version or date it appeared in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The last day it is recorded, `YYYY-MM-DD`, or `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Where it is declared, `file:line`; never a path of the build machine.
    pub at: String,
}

impl EventDescriptor {
    /// From which level on it is recorded: [`Level::Usage`] where its author says nothing.
    pub fn level(&self) -> Level {
        self.declared_level.unwrap_or(Level::Usage)
    }

    /// The key of this event: `sdk/event` or `sdk/event/discriminant`. Two schemas under one key are a fault.
    pub fn key(&self) -> String {
        match &self.discriminant {
            Some(discriminant) => format!("{}/{}/{discriminant}", self.sdk, self.event),
            None => format!("{}/{}", self.sdk, self.event),
        }
    }
}

/// What an event reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something happened.
    Event,
    /// A component was rendered.
    Mount,
    /// A method was called.
    Call,
    /// A command of a command-line program succeeded.
    Command,
    /// A program started.
    Start,
    /// Something that is counted over a day, and sent once when the day is over. Its last field is [`COUNT`].
    Counter,
}

/// The last field of a counter: how often it was recorded on the day, as a
/// [`CountBucket`](crate::FieldType::CountBucket).
pub const COUNT: &str = "count";

/// How much a user lets be recorded, and from which of them on an event is: the higher one holds the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The least that the vendor asks for.
    Basic,
    /// All of it.
    Usage,
}

impl Level {
    /// All, the lowest first.
    pub const ALL: [Self; 2] = [Self::Basic, Self::Usage];

    /// Its word in files, commands and pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Usage => "usage",
        }
    }
}

/// How often an identical event (same type, same payload) is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Throttle {
    /// Every time.
    None,
    /// Once per UTC day.
    Daily,
    /// Once in this many hours after the last time.
    RollingHours(u32),
}

impl Throttle {
    /// The throttle of events that declare none: commands and starts are each of interest, repeats of others are not. A
    /// counter is sent once a day with its count.
    pub const fn default_for(kind: Kind) -> Self {
        match kind {
            Kind::Command | Kind::Start => Self::None,
            Kind::Event | Kind::Mount | Kind::Call | Kind::Counter => Self::Daily,
        }
    }
}
