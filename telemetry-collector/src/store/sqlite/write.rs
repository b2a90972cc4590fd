//! One commit: ids first, then what is new, added up before it is written.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::{
    ids::Ids,
    installation,
    names::{Kind, Names, event_text},
    schema::{ADD_VALUES, CountKey, EventKey, ValueKey},
};
use crate::{
    clock::Day,
    store::{Batch, Event, When, Written, outcome},
};

/// Where new events go.
pub(super) trait Destination<'a> {
    /// Takes an event of this day, which is the one at `number` in its batch.
    fn add(
        &mut self,
        transaction: &Transaction<'_>,
        names: &mut Names,
        of: Of<'a>,
        day: Day,
        event: &'a Event,
    ) -> rusqlite::Result<()>;

    /// Writes all that it has taken.
    fn write(self, transaction: &Transaction<'_>) -> rusqlite::Result<()>;
}

/// What an event belongs to.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    /// The number of its SDK.
    pub(super) sdk: i64,
    /// Its batch.
    pub(super) batch: &'a Batch,
    /// Which one of the batch it is.
    pub(super) number: usize,
}

/// What a commit adds to the tables, by row. The order is that of the tables.
#[derive(Default)]
pub(super) struct Sums<'a> {
    events: BTreeMap<EventKey, (&'a str, i64)>,
    counts: BTreeMap<CountKey, i64>,
    values: BTreeMap<ValueKey, (i64, i64)>,
    by_installation: installation::Sums,
}

/// How what came has ended, and where what is new goes.
struct Commit<'a, P> {
    outcomes: BTreeMap<(i64, i32, &'a str), i64>,
    destination: P,
}

pub(super) fn write<'a, P: Destination<'a>>(
    connection: &mut Connection,
    names: &mut Names,
    ids: &mut Ids,
    batches: &'a [Batch],
    destination: P,
) -> rusqlite::Result<Vec<Written>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if names.look_for_changes(&transaction)? {
        ids.forget();
    }
    let mut commit = Commit { outcomes: BTreeMap::new(), destination };
    let mut written = Vec::with_capacity(batches.len());
    for batch in batches {
        let sdk = names.number(&transaction, 0, Kind::Sdk, &batch.sdk)?;
        written.push(commit.add_batch(&transaction, names, ids, sdk, batch)?);
    }
    commit.write(&transaction)?;
    ids.write(&transaction)?;
    transaction.commit()?;
    Ok(written)
}

impl<'a, P: Destination<'a>> Commit<'a, P> {
    fn add_batch(
        &mut self,
        transaction: &Transaction<'_>,
        names: &mut Names,
        ids: &mut Ids,
        sdk: i64,
        batch: &'a Batch,
    ) -> rusqlite::Result<Written> {
        let is_new_batch = match &batch.key {
            Some(key) if !batch.events.is_empty() => ids.is_new(transaction, sdk, key, batch.received)?,
            _ => true,
        };
        let mut result = Written::default();
        let mut deleted = installation::Deleted::default();
        for (number, event) in batch.events.iter().enumerate() {
            if deleted.has(transaction, sdk, event)? {
                result.deleted += 1;
                continue;
            }
            let is_new = match &event.id {
                Some(id) => ids.is_new(transaction, sdk, id, batch.received)?,
                None => is_new_batch,
            };
            if !is_new {
                result.duplicate += 1;
                continue;
            }
            result.accepted += 1;
            if let Some(day) = self.day_of(sdk, batch, event) {
                self.destination.add(transaction, names, Of { sdk, batch, number }, day, event)?;
            }
        }
        let mut count = |word: &'a str, n: u64| {
            if n > 0 {
                *self.outcomes.entry((sdk, batch.received.0, word)).or_default() += saturated(n);
            }
        };
        count(outcome::ACCEPTED, result.accepted);
        count(outcome::DUPLICATE, result.duplicate);
        batch.outcomes.iter().for_each(|(word, n)| count(word, *n));
        Ok(result)
    }

    /// Counts what is to be said of a new event; the day on which it happened, if that can be.
    fn day_of(&mut self, sdk: i64, batch: &'a Batch, event: &'a Event) -> Option<Day> {
        let mut note = |word: &'static str| *self.outcomes.entry((sdk, batch.received.0, word)).or_default() += 1;
        if !event.is_version_known {
            note(outcome::UNKNOWN_VERSION);
        }
        if event.id.is_none() && batch.key.is_none() {
            note(outcome::WITHOUT_KEY);
        }
        if !batch.is_dated {
            note(outcome::WITHOUT_DAY);
        }
        match event.when {
            When::On(day) => return Some(day),
            When::TooOld => note(outcome::TOO_OLD),
            When::TooNew => note(outcome::TOO_NEW),
        }
        None
    }

    fn write(self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.destination.write(transaction)?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO outcomes VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((sdk, day, word), n) in self.outcomes {
            statement.execute(params![sdk, day, word, n])?;
        }
        Ok(())
    }
}

impl<'a> Destination<'a> for Sums<'a> {
    fn add(
        &mut self,
        transaction: &Transaction<'_>,
        names: &mut Names,
        Of { sdk, .. }: Of<'a>,
        day: Day,
        event: &'a Event,
    ) -> rusqlite::Result<()> {
        let day = i64::from(day.0);
        let mut number = |kind, text: &str| names.number(transaction, sdk, kind, text);
        let name = number(Kind::Event, &event_text(&event.name, event.discriminant.as_deref()))?;
        let version = number(Kind::Version, &event.version)?;
        let wrapper = number(Kind::Wrapper, &event.wrapper.0)?;
        let wrapper_version = number(Kind::Wrapper, &event.wrapper.1)?;
        let instance = number(Kind::Instance, event.instance.as_deref().unwrap_or_default())?;
        let (rate, actor) = (i64::from(event.rate), event.actor as i64);
        let ephemeral = event.is_ephemeral.map_or(0, |is| 1 + i64::from(is));
        let key =
            [sdk, day, name, version, wrapper, wrapper_version, instance, rate, actor, ephemeral, hash(&event.payload)];
        self.events.entry(key).or_insert((event.payload.as_str(), 0)).1 += 1;
        self.by_installation.add_event(event, &key);
        *self.counts.entry([sdk, day, name, version, rate, actor, ephemeral]).or_default() += 1;
        for facet in &event.facets {
            let field = number(Kind::Field, &facet.path)?;
            let value = number(Kind::Value, &facet.value)?;
            let key = [sdk, day, name, field, value, version, rate];
            self.by_installation.add_value(event, &key, facet.sum);
            let (n, sum) = self.values.entry(key).or_default();
            *n += 1;
            *sum = sum.saturating_add(facet.sum);
        }
        Ok(())
    }

    fn write(self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.by_installation.write(transaction)?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ([a, b, c, d, e, f, g, h, i, j, k], (payload, n)) in self.events {
            statement.execute(params![a, b, c, d, e, f, g, h, i, j, k, payload, n])?;
        }
        let mut statement = transaction.prepare_cached(
            "INSERT INTO counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ([a, b, c, d, e, f, g], n) in self.counts {
            statement.execute(params![a, b, c, d, e, f, g, n])?;
        }
        let mut statement = transaction.prepare_cached(&format!(
            "INSERT INTO value_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) {ADD_VALUES}"
        ))?;
        for ([a, b, c, d, e, f, g], (n, sum)) in self.values {
            statement.execute(params![a, b, c, d, e, f, g, n, sum])?;
        }
        Ok(())
    }
}

/// A number for the payload that is the same on every machine; two payloads share one once in 2^64.
fn hash(payload: &str) -> i64 {
    let digest = Sha256::digest(payload.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

fn saturated(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
