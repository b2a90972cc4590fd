//! Which part of the rows came with the id of an installation, and how that part goes. The rows themselves have no id.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::{
    names::{Kind, Names},
    schema::{ADD_VALUES, COUNT_KEY, EVENT_KEY, EventKey, VALUE_KEY, ValueKey},
};
use crate::store::{Event, Forget};

/// What a commit adds, by installation and row of `events` or `value_counts`.
#[derive(Default)]
pub(super) struct Sums {
    events: BTreeMap<([u8; 16], EventKey), i64>,
    values: BTreeMap<([u8; 16], ValueKey), (i64, i64)>,
}

impl Sums {
    pub(super) fn add_event(&mut self, event: &Event, row: &EventKey) {
        if let Some(installation) = event.installation {
            *self.events.entry((installation, *row)).or_default() += 1;
        }
    }

    pub(super) fn add_value(&mut self, event: &Event, row: &ValueKey, more: i64) {
        if let Some(installation) = event.installation {
            let (n, sum) = self.values.entry((installation, *row)).or_default();
            *n += 1;
            *sum = sum.saturating_add(more);
        }
    }

    pub(super) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO installation_events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((id, [sdk, b, c, d, e, f, g, h, i, j, k]), n) in &self.events {
            statement.execute(params![sdk, id, b, c, d, e, f, g, h, i, j, k, n])?;
        }
        let mut statement = transaction.prepare_cached(&format!(
            "INSERT INTO installation_values VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) {ADD_VALUES}"
        ))?;
        for ((id, [sdk, b, c, d, e, f, g]), (n, sum)) in &self.values {
            statement.execute(params![sdk, id, b, c, d, e, f, g, n, sum])?;
        }
        Ok(())
    }
}

/// Which events of a batch carry an id whose installation has asked for deletion. Most batches have one id: the last one is remembered.
#[derive(Default)]
pub(super) struct Deleted {
    last: Option<([u8; 16], bool)>,
}

impl Deleted {
    pub(super) fn has(&mut self, transaction: &Transaction<'_>, sdk: i64, event: &Event) -> rusqlite::Result<bool> {
        let Some(installation) = event.installation else { return Ok(false) };
        if let Some((last, is_deleted)) = self.last
            && last == installation
        {
            return Ok(is_deleted);
        }
        let is_deleted = transaction
            .prepare_cached("SELECT 1 FROM deleted_installations WHERE sdk = ?1 AND hash = ?2")?
            .exists(params![sdk, hash(&installation)])?;
        self.last = Some((installation, is_deleted));
        Ok(is_deleted)
    }
}

/// Takes what came with ids out of rows and counts, and remembers hashes of them, in one commit. Answers with the number of events of
/// each.
pub(super) fn forget(connection: &mut Connection, forgets: &[Forget]) -> rusqlite::Result<Vec<u64>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let deleted = forgets.iter().map(|forget| forget_one(&transaction, forget)).collect::<rusqlite::Result<_>>()?;
    transaction.commit()?;
    Ok(deleted)
}

fn forget_one(transaction: &Transaction<'_>, forget: &Forget) -> rusqlite::Result<u64> {
    let Forget { sdk, installation, received } = forget;
    const OF: &str = "WHERE i.sdk = ?1 AND i.installation = ?2";
    // Of an SDK of which nothing has arrived yet, something may be on its way.
    let number = Names::default().number(transaction, 0, Kind::Sdk, sdk)?;
    transaction
        .prepare_cached(
            "INSERT INTO deleted_installations VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET day = excluded.day",
        )?
        .execute(params![number, hash(installation), received.0])?;
    let key = params![number, installation];
    // Most of those that strangers make up end here.
    let is_known = transaction
        .prepare_cached(
            "SELECT 1 FROM installation_events WHERE sdk = ?1 AND installation = ?2
             UNION ALL SELECT 1 FROM installation_values WHERE sdk = ?1 AND installation = ?2",
        )?
        .exists(key)?;
    if !is_known {
        return Ok(0);
    }
    let sum = format!("SELECT coalesce(sum(n), 0) FROM installation_events i {OF}");
    let events: i64 = transaction.query_row(&sum, key, |row| row.get(0))?;
    for (table, side, columns, sums) in [
        ("events", "installation_events", EVENT_KEY, ["n"].as_slice()),
        ("counts", "installation_events", COUNT_KEY, &["n"]),
        ("value_counts", "installation_values", VALUE_KEY, &["n", "sum"]),
    ] {
        let less: Vec<_> = sums.iter().map(|sum| format!("{sum} = {table}.{sum} - less.{sum}")).collect();
        let totals: Vec<_> = sums.iter().map(|sum| format!("sum({sum}) AS {sum}")).collect();
        let same: Vec<_> = columns.split(", ").map(|column| format!("{table}.{column} = less.{column}")).collect();
        let (less, totals, same) = (less.join(", "), totals.join(", "), same.join(" AND "));
        transaction.execute(
            &format!(
                "UPDATE {table} SET {less} FROM (SELECT {columns}, {totals} FROM {side} i {OF} GROUP BY {columns}) less WHERE {same}"
            ),
            key,
        )?;
        let gone = format!("DELETE FROM {table} WHERE n < 1 AND ({columns}) IN (SELECT {columns} FROM {side} i {OF})");
        transaction.execute(&gone, key)?;
    }
    for side in ["installation_events", "installation_values"] {
        transaction.execute(&format!("DELETE FROM {side} AS i {OF}"), key)?;
    }
    Ok(u64::try_from(events).unwrap_or_default())
}

/// By which an id is remembered that may not be kept.
pub(super) fn hash(installation: &[u8; 16]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.iter_mut().zip(Sha256::digest(installation)).for_each(|(byte, from)| *byte = from);
    hash
}
