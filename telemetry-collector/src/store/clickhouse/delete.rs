//! Deleting: what came with an id, which no answer has from then on and whose bytes go later; and what an operator erases.
//!
//! The engine writes down statements that change rows. So none of them has a name or an id in it, only hashes of names.

use clickhouse::Row;
use serde::Deserialize;

use super::{
    engine::Engine,
    rows::{DeletedRow, ErasureRow, date},
};
use crate::{
    clock::Day,
    store::{
        Erased, Forget, StoreError,
        sqlite::outbox::{Erasure, installation_hash},
    },
};

/// Has no answer have what came with these ids; with the number of events of each that were in answers until now.
pub(super) fn forget(engine: &Engine, forgets: &[Forget]) -> Result<Vec<u64>, StoreError> {
    let mut all = Vec::with_capacity(forgets.len());
    for Forget { sdk, installation, received } in forgets {
        let installation = installation_hash(installation);
        let hex: String = installation.iter().map(|byte| format!("{byte:02x}")).collect();
        let sql = "SELECT count() FROM events FINAL WHERE sdk = ? AND installation = unhex(?)
             AND day GLOBAL NOT IN (SELECT day FROM closed)
             AND installation GLOBAL NOT IN (SELECT installation FROM deleted WHERE sdk = ?)";
        all.push(engine.number(sql, &[sdk, &hex, sdk])?);
        let row = DeletedRow { sdk, installation, day: date(*received).0 };
        engine.insert::<DeletedRow<'_>>("deleted", &[row])?;
    }
    Ok(all)
}

/// Deletes the rows that no answer has any more.
pub(super) fn purge(engine: &Engine) -> Result<(), StoreError> {
    const THEIRS: &str = "(sdk, installation) GLOBAL IN (SELECT sdk, installation FROM deleted)";
    if engine.number(&format!("SELECT count() FROM events WHERE {THEIRS}"), &[])? > 0 {
        engine.change("events", &format!("DELETE WHERE {}", THEIRS.replace("GLOBAL ", "")))?;
    }
    Ok(())
}

/// Lets every collector know of an erasure.
pub(super) fn announce(engine: &Engine, what: &Erasure) -> Result<(), StoreError> {
    let Erasure { id, sdk, before, instance } = what;
    let row = ErasureRow {
        id: *id,
        sdk: sdk.clone().unwrap_or_default(),
        before: before.map(|day| date(day).to_string()).unwrap_or_default(),
        instance: instance.clone().unwrap_or_default(),
    };
    engine.insert::<ErasureRow>("erasures", &[row])
}

/// An erasure, and whether what was on its way at that time may have come into the tables after it.
pub(super) type Announced = (Erasure, bool);

#[derive(Row, Deserialize)]
struct AnnouncedRow {
    id: [u8; 16],
    sdk: String,
    before: String,
    instance: String,
    is_fresh: bool,
}

/// All erasures that collectors may not know yet. An insert takes less than ten minutes, by its timeout; the clock is the engine's.
pub(super) fn announced(engine: &Engine) -> Result<Vec<Announced>, StoreError> {
    let sql = "SELECT id, sdk, before, instance, toBool(now() - at < 600) FROM erasures FINAL";
    let some = |text: String| (!text.is_empty()).then_some(text);
    let of = |row: AnnouncedRow| {
        let before = some(row.before).and_then(|day| Day::parse(&day));
        (Erasure { id: row.id, sdk: some(row.sdk), before, instance: some(row.instance) }, row.is_fresh)
    };
    Ok(engine.all::<AnnouncedRow>(sql, &[])?.into_iter().map(of).collect())
}

/// Erases in the engine; what is gone of answers.
pub(super) fn erase(engine: &Engine, what: &Erasure) -> Result<Erased, StoreError> {
    let Erasure { sdk, before, instance, .. } = what;
    let mut conditions = vec!["1".to_owned()];
    conditions.extend(sdk.iter().map(|hash| format!("hex(SHA256(sdk)) = '{hash}'")));
    conditions.extend(before.iter().map(|day| format!("day < toDate32('{}')", date(*day))));
    let by_day = conditions.join(" AND ");
    conditions.extend(instance.iter().map(|hash| format!("hex(SHA256(instance)) = '{hash}'")));
    let rows = conditions.join(" AND ");
    let count =
        |table: &str, which: &str| engine.number(&format!("SELECT count() FROM {table} FINAL WHERE {which}"), &[]);
    let in_answers = "kept AND (sdk, installation) GLOBAL NOT IN (SELECT sdk, installation FROM deleted)";
    let mut erased = Erased { events: count("events", &format!("{rows} AND {in_answers}"))?, counts: 0 };
    if instance.is_some() {
        // What stays counts, leads to no row and has no key. It stays with its installation, which may have asked for deletion.
        let nothing = "instance = '', payload = '', wrapper = '', wrapper_version = '', kept = false";
        engine.change("events", &format!("UPDATE {nothing} WHERE {rows}"))?;
        return Ok(erased);
    }
    engine.change("events", &format!("DELETE WHERE {rows}"))?;
    for table in ["counts", "value_counts", "outcomes"] {
        erased.counts += count(table, &by_day)?;
        engine.change(table, &format!("DELETE WHERE {by_day}"))?;
    }
    if engine.settings.cluster.is_none() {
        // What was counted holds no more, since the rows have changed; here its bytes go.
        for table in ["day_counts", "day_values"] {
            engine.change(table, &format!("DELETE WHERE {by_day}"))?;
        }
    }
    if before.is_none() {
        engine.change("deleted", &format!("DELETE WHERE {rows}"))?;
    }
    Ok(erased)
}
