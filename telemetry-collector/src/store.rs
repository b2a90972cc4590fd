//! What is kept, behind a trait: one engine writes, others read beside it. `suite.rs` says by tests what every engine has to do.

mod clickhouse;
mod open;
pub mod sqlite;
#[cfg(test)]
pub(crate) mod suite;

use std::sync::Arc;

pub use cargo_telemetry::payload::Facet;

pub use self::open::{Opened, Outside, open, open_existing, reader};

use crate::clock::Day;

/// On which day an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On this one.
    On(Day),
    /// So far back that its clock must be wrong.
    TooOld,
    /// So far ahead that its clock must be wrong.
    TooNew,
}

/// Who ran the program, as the client guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Actor {
    /// The format does not say.
    Unsaid,
    /// It could not tell.
    Unknown,
    /// A person.
    Human,
    /// Continuous integration.
    Ci,
    /// An agent.
    Agent,
}

impl Actor {
    /// All, in the order of their numbers in the store.
    pub const ALL: [Self; 5] = [Self::Unsaid, Self::Unknown, Self::Human, Self::Ci, Self::Agent];

    /// The word that clients send; empty where the format has none.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsaid => "",
            Self::Unknown => "unknown",
            Self::Human => "human",
            Self::Ci => "ci",
            Self::Agent => "agent",
        }
    }
}

/// One event that may be kept: all of it is declared by the SDK's record, and nothing else is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// By which a repeat is known; `None` where the format has none.
    pub id: Option<[u8; 16]>,
    /// When it happened.
    pub when: When,
    /// Its name.
    pub name: String,
    /// Which component or method, where several share a name.
    pub discriminant: Option<String>,
    /// The version of the SDK; empty where the format has none.
    pub version: String,
    /// Whether the registry knows that version.
    pub is_version_known: bool,
    /// Name and version of what wraps the SDK; empty where nothing does.
    pub wrapper: (String, String),
    /// The publishable key of the instance.
    pub instance: Option<String>,
    /// The id of the installation, of an SDK that declares one.
    pub installation: Option<[u8; 16]>,
    /// The share of machine-days on which it is recorded, in millionths, 1 to 1,000,000.
    pub rate: u32,
    /// Who ran the program.
    pub actor: Actor,
    /// Whether the machine looks like a container; `None` where the format does not say.
    pub is_ephemeral: Option<bool>,
    /// The payload as JSON, keys in the order of the record.
    pub payload: String,
    /// Its values.
    pub facets: Vec<Facet>,
}

/// What one request brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The SDK.
    pub sdk: Arc<str>,
    /// The day on which it arrives.
    pub received: Day,
    /// By which a repeat of all of it is known, where its events have no ids.
    pub key: Option<[u8; 16]>,
    /// Whether the client says of which day its events are; else they count on the day of their arrival.
    pub is_dated: bool,
    /// Its events.
    pub events: Vec<Event>,
    /// What is counted beside them: word and number.
    pub outcomes: Vec<(&'static str, u64)>,
}

/// What became of the events of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// So many are new, and committed.
    pub accepted: u64,
    /// So many were there already.
    pub duplicate: u64,
    /// So many carry the id of an installation that has asked for deletion; they were not kept.
    pub deleted: u64,
}

/// Words of outcomes beside those of [`crate::reason::Reason`].
pub mod outcome {
    /// Events that were kept.
    pub const ACCEPTED: &str = "accepted";
    /// Events that were there already.
    pub const DUPLICATE: &str = "duplicate";
    /// Kept events of versions that nobody has added.
    pub const UNKNOWN_VERSION: &str = "unknown_version";
    /// Kept events without id and key: a repeat of them counts again.
    pub const WITHOUT_KEY: &str = "without_key";
    /// Kept events without a time: they count on the day of their arrival.
    pub const WITHOUT_DAY: &str = "without_day";
    /// Events so far back that their clock must be wrong: counted, and kept in no other way.
    pub const TOO_OLD: &str = "too_old";
    /// Events so far ahead that their clock must be wrong: counted, and kept in no other way.
    pub const TOO_NEW: &str = "too_new";
}

/// What came with the id of this installation is to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forget {
    /// The SDK.
    pub sdk: Arc<str>,
    /// The id.
    pub installation: [u8; 16],
    /// The day on which that is asked.
    pub received: Day,
}

/// What is to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erase {
    /// Only of this SDK; of all where `None`.
    pub sdk: Option<String>,
    /// Only what happened before this day.
    pub before: Option<Day>,
    /// Only rows with this publishable key. Counts have none.
    pub instance: Option<String>,
}

/// What is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Events in rows.
    pub events: u64,
    /// Rows of counts.
    pub counts: u64,
}

/// The first day that stays, by what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Of rows.
    pub rows_from: Day,
    /// Of counts.
    pub counts_from: Day,
    /// Of ids and keys, by day of arrival.
    pub ids_from: Day,
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room. Space comes back by retention or by the operator; clients come again.
    #[error("the disk is full")]
    Full,
    /// Another process holds the store, or it may not be written. Clients come again.
    #[error("the store cannot be written: {0}")]
    Unavailable(String),
    /// The engine beyond this machine cannot be asked. What waits for it waits on; only this could not be done.
    #[error("ClickHouse: {0}")]
    Away(String),
    /// The file is damaged, or no store of ours. It is set aside at the next start.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// It was written by a later version of the collector.
    #[error("the store was written by a later version of the collector (schema {found}, this one knows {known})")]
    Later {
        /// The version in the file.
        found: i64,
        /// The highest that this program knows.
        known: i64,
    },
}

/// An engine that keeps events. One thread writes to it.
pub trait Store: Send {
    /// Keeps what is new of these batches, durably, as one: all of it or, on failure, nothing.
    ///
    /// An event is new if its id, or the key of its batch, has not been written for this SDK before, within the days that ids
    /// are kept; events with neither always are. The answer has one entry per batch.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then nothing of it was kept.
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Written>, StoreError>;

    /// Deletes at most `slice` rows of what need not stay. `true`: there may be more.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; what was deleted before stays deleted.
    fn expire(&mut self, keep: &Keep, slice: u32) -> Result<bool, StoreError>;

    /// Deletes, so that no byte of it is left in the store's files.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then some of it may be left, and the call can be repeated.
    fn erase(&mut self, what: &Erase) -> Result<Erased, StoreError>;

    /// Deletes what came with ids of installations, from rows and counts, durably and as one: all of it or, on failure, nothing. Keeps
    /// nothing more of them for as long as ids are remembered. The answer has the number of events of each. Rows that are over their
    /// days lead to no installation: what was counted of them stays. Bytes may be left in the store's files until [`Store::clean`].
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then nothing was deleted.
    fn forget(&mut self, forgets: &[Forget]) -> Result<Vec<u64>, StoreError>;

    /// Removes the bytes that [`Store::forget`] has left in the store's files; whether none is left. Does not wait for those who read:
    /// while they do, it is to be tried again.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then some of them may be left.
    fn clean(&mut self) -> Result<bool, StoreError>;

    /// Whether it could write now.
    ///
    /// # Errors
    ///
    /// Why not.
    fn probe(&mut self) -> Result<(), StoreError>;
}

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

impl Days {
    /// Every day that can be stored.
    pub const ALL: Self = Self { from: Day(i32::MIN), to: Day(i32::MAX) };
}

/// Equal events of one day, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The SDK.
    pub sdk: String,
    /// The day.
    pub day: Day,
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// The version of the SDK; empty where the format has none.
    pub version: String,
    /// What wraps the SDK, and its version; empty where nothing does.
    pub wrapper: (String, String),
    /// The publishable key of the instance.
    pub instance: Option<String>,
    /// The sampling rate in millionths.
    pub rate: u32,
    /// Who ran the program.
    pub actor: Actor,
    /// Whether the machine looks like a container.
    pub is_ephemeral: Option<bool>,
    /// The payload as JSON.
    pub payload: String,
    /// How many.
    pub n: u64,
}

/// How many events of one kind there were on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct EventCount {
    /// The day.
    pub day: Day,
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// The version of the SDK.
    pub version: String,
    /// The sampling rate in millionths.
    pub rate: u32,
    /// How many.
    pub n: u64,
}

/// How many events somebody's programs have sent on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActorCount {
    /// The day.
    pub day: Day,
    /// Who ran the program.
    pub actor: Actor,
    /// How many.
    pub n: u64,
}

/// How many events of one kind had one value, over several days and all versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueSum {
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// Which field: `providers.auth`.
    pub path: String,
    /// Which value.
    pub value: String,
    /// The sampling rate in millionths.
    pub rate: u32,
    /// How many.
    pub n: u64,
}

/// How many events of one kind had one value on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueCount {
    /// The day.
    pub day: Day,
    /// The event's name.
    pub event: String,
    /// Which component or method.
    pub discriminant: Option<String>,
    /// Which field: `providers.auth`.
    pub path: String,
    /// Which value.
    pub value: String,
    /// The version of the SDK.
    pub version: String,
    /// The sampling rate in millionths.
    pub rate: u32,
    /// How many.
    pub n: u64,
    /// The sum of the numbers, where the field holds numbers.
    pub sum: i64,
}

/// How many events ended in one way on the day of their arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The day.
    pub day: Day,
    /// A word of [`outcome`] or of [`crate::reason::Reason`].
    pub word: String,
    /// How many.
    pub n: u64,
}

/// What an engine answers, beside the one that writes.
pub trait Read: Send {
    /// The SDKs of which there is anything, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn sdks(&mut self) -> Result<Vec<String>, StoreError>;

    /// Hands over all rows of an SDK, or of all, in an order that tells nothing of their arrival.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then not all were handed over.
    fn rows(&mut self, sdk: Option<&str>, days: Days, each: &mut dyn FnMut(Row)) -> Result<(), StoreError>;

    /// Counts of an SDK by day, event, version and rate.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn counts(&mut self, sdk: &str, days: Days) -> Result<Vec<EventCount>, StoreError>;

    /// Counts of an SDK's event, whatever it reports on, by day and by who ran the program.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn actors(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ActorCount>, StoreError>;

    /// Counts of an SDK's event by day and value.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn values(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ValueCount>, StoreError>;

    /// Counts by value of all events of an SDK, over all of these days.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn value_sums(&mut self, sdk: &str, days: Days) -> Result<Vec<ValueSum>, StoreError>;

    /// How what arrived has ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn outcomes(&mut self, sdk: &str, days: Days) -> Result<Vec<Outcome>, StoreError>;
}
