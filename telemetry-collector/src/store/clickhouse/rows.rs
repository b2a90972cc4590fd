//! Rows of the engine's tables: the columns of `schema.sql`, by name, in an order of our own.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Day,
    store::{Actor, sqlite::outbox::Waiting},
};

/// The days that the engine's dates can have: 1900-01-01 to 2299-12-31.
const DATES: std::ops::RangeInclusive<i32> = -25_567..=120_529;

/// A day as the engine has it. A clock may be anything; what no date can be is the nearest one.
pub(super) fn date(day: Day) -> Day {
    Day(day.0.clamp(*DATES.start(), *DATES.end()))
}

/// One of `events`.
#[derive(Debug, Row, Serialize)]
pub(super) struct EventRow<'a> {
    sdk: &'a str,
    day: i32,
    event: &'a str,
    discriminant: &'a str,
    id: [u8; 16],
    version: &'a str,
    wrapper: &'a str,
    wrapper_version: &'a str,
    instance: &'a str,
    installation: [u8; 16],
    rate: u32,
    actor: &'a str,
    ephemeral: &'a str,
    payload: &'a str,
    facets: Vec<(&'a str, &'a str, i64)>,
    kept: bool,
}

impl<'a> EventRow<'a> {
    pub(super) fn of(waiting: &'a Waiting) -> Self {
        let Waiting {
            sdk,
            day,
            event,
            discriminant,
            id,
            version,
            wrapper,
            instance,
            installation,
            rate,
            actor,
            is_ephemeral,
            payload,
            facets,
            is_kept,
        } = waiting;
        Self {
            sdk,
            day: date(Day(*day)).0,
            event,
            discriminant,
            id: *id,
            version,
            wrapper: &wrapper.0,
            wrapper_version: &wrapper.1,
            instance,
            installation: *installation,
            rate: *rate,
            actor,
            ephemeral: ephemeral_word(*is_ephemeral),
            payload,
            facets: facets.iter().map(|(path, value, sum)| (path.as_str(), value.as_str(), *sum)).collect(),
            kept: *is_kept,
        }
    }
}

/// One of `outcomes`.
#[derive(Debug, Row, Serialize)]
pub(super) struct OutcomeRow<'a> {
    pub(super) sdk: &'a str,
    pub(super) day: i32,
    pub(super) word: &'a str,
    pub(super) collector: [u8; 16],
    pub(super) n: u64,
}

/// One of `deleted`.
#[derive(Debug, Row, Serialize)]
pub(super) struct DeletedRow<'a> {
    pub(super) sdk: &'a str,
    pub(super) installation: [u8; 16],
    pub(super) day: i32,
}

/// One of `erasures`; empty texts where there is no condition.
#[derive(Debug, Row, Serialize, Deserialize)]
pub(super) struct ErasureRow {
    pub(super) id: [u8; 16],
    pub(super) sdk: String,
    pub(super) before: String,
    pub(super) instance: String,
}

fn ephemeral_word(is: Option<bool>) -> &'static str {
    match is {
        None => "",
        Some(false) => "no",
        Some(true) => "yes",
    }
}

/// Whether the machine looks like a container.
pub(super) fn ephemeral(word: &str) -> Option<bool> {
    [None, Some(false), Some(true)].into_iter().find(|is| ephemeral_word(*is) == word).flatten()
}

/// Who ran the program.
pub(super) fn actor(word: &str) -> Actor {
    Actor::ALL.into_iter().find(|actor| actor.word() == word).unwrap_or(Actor::Unsaid)
}

/// Rows as a query names them, each once for every value of a field.
pub(super) fn by_facet(rows: &str) -> String {
    rows.replace("FINAL WHERE", "FINAL ARRAY JOIN facets AS facet WHERE")
}

/// A sum of numbers that stays within what every reader of ours can hold exactly.
pub(super) const SUM: &str = "toInt64(greatest(-9007199254740992, least(9007199254740992, sum(toInt128(facet.sum)))))";
