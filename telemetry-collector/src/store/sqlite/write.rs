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
use crate::store::{Batch, Event, When, Written, outcome};

/// What a commit adds, by row. The order is that of the tables.
#[derive(Default)]
struct Sums<'a> {
    events: BTreeMap<EventKey, (&'a str, i64)>,
    counts: BTreeMap<CountKey, i64>,
    values: BTreeMap<ValueKey, (i64, i64)>,
    outcomes: BTreeMap<(i64, i32, &'a str), i64>,
    by_installation: installation::Sums,
}

pub(super) fn write(
    connection: &mut Connection,
    names: &mut Names,
    ids: &mut Ids,
    batches: &[Batch],
) -> rusqlite::Result<Vec<Written>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if names.look_for_changes(&transaction)? {
        ids.forget();
    }
    let mut sums = Sums::default();
    let mut written = Vec::with_capacity(batches.len());
    for batch in batches {
        let sdk = names.number(&transaction, 0, Kind::Sdk, &batch.sdk)?;
        written.push(sums.add_batch(&transaction, names, ids, sdk, batch)?);
    }
    sums.write(&transaction)?;
    ids.write(&transaction)?;
    transaction.commit()?;
    Ok(written)
}

impl<'a> Sums<'a> {
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
        for event in &batch.events {
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
            self.add_event(transaction, names, sdk, batch, event)?;
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

    fn add_event(
        &mut self,
        transaction: &Transaction<'_>,
        names: &mut Names,
        sdk: i64,
        batch: &'a Batch,
        event: &'a Event,
    ) -> rusqlite::Result<()> {
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
        let day = match event.when {
            When::On(day) => i64::from(day.0),
            When::TooOld => {
                note(outcome::TOO_OLD);
                return Ok(());
            }
            When::TooNew => {
                note(outcome::TOO_NEW);
                return Ok(());
            }
        };
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
        let mut statement = transaction.prepare_cached(
            "INSERT INTO outcomes VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((sdk, day, word), n) in self.outcomes {
            statement.execute(params![sdk, day, word, n])?;
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
