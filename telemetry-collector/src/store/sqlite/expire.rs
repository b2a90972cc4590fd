//! Deleting: what is over its days, slice by slice, and what somebody asks to be gone. `secure_delete` overwrites the bytes in
//! the file; here the log is emptied too, so that none are left.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, ToSql, TransactionBehavior, params, params_from_iter};

use super::{
    ids::Ids,
    names::{Kind, sdk_number},
    open::BUSY,
    schema::{COUNT_KEY, EVENT_KEY, INSTALLATION_EVENT_KEY, INSTALLATION_VALUE_KEY, VALUE_KEY},
};
use crate::{
    clock::Day,
    store::{Erase, Erased, Keep},
};

/// A table by day, with the columns that name a row, and the day from which on rows stay.
type ByDay = (&'static str, &'static str, fn(&Keep) -> Day);

const BY_DAY: [ByDay; 6] = [
    ("events", EVENT_KEY, |keep| keep.rows_from),
    ("installation_events", INSTALLATION_EVENT_KEY, |keep| keep.rows_from),
    ("installation_values", INSTALLATION_VALUE_KEY, |keep| keep.rows_from),
    ("counts", COUNT_KEY, |keep| keep.counts_from),
    ("value_counts", VALUE_KEY, |keep| keep.counts_from),
    ("outcomes", "sdk, day, word", |keep| keep.counts_from),
];

/// Pages that one slice hands back to the file system, at most; 4 KiB each.
const PAGES: u32 = 1000;

/// How long events wait while the log is to be emptied and somebody reads.
const FOR_READERS: Duration = Duration::from_millis(50);

/// The walk through all ids, which have no order by day: once for each day that goes.
#[derive(Debug, Default)]
pub(super) struct IdsWalk {
    /// How far it has come.
    cursor: Option<(i64, Vec<u8>)>,
    /// The last day for which it came to its end.
    done: Option<Day>,
}

/// Deletes one slice of what is over its days; whether there may be more.
pub(super) fn expire(
    connection: &mut Connection,
    ids: &mut Ids,
    walk: &mut IdsWalk,
    keep: &Keep,
    slice: u32,
) -> rusqlite::Result<bool> {
    let sdks = sdks(connection)?;
    for (table, columns, from) in BY_DAY {
        let delete = format!(
            "DELETE FROM {table} WHERE ({columns}) IN (SELECT {columns} FROM {table} WHERE sdk = ?1 AND day < ?2 LIMIT ?3)"
        );
        for sdk in &sdks {
            if connection.prepare_cached(&delete)?.execute(params![sdk, from(keep).0, slice])? > 0 {
                give_back(connection)?;
                return Ok(true);
            }
        }
    }
    if walk.done == Some(keep.ids_from) {
        return Ok(false);
    }
    expire_ids(connection, ids, walk, keep, slice)
}

/// Walks the ids in their order, a slice at a time; the end of the walk is the end of the work.
fn expire_ids(
    connection: &mut Connection,
    ids: &mut Ids,
    walk: &mut IdsWalk,
    keep: &Keep,
    slice: u32,
) -> rusqlite::Result<bool> {
    if walk.cursor.is_none() {
        // These have no order by day either, and are looked at as a whole: once, when the walk begins.
        connection.prepare_cached("DELETE FROM deleted_installations WHERE day < ?1")?.execute([keep.ids_from.0])?;
        if connection.prepare_cached("DELETE FROM recent WHERE day < ?1")?.execute([keep.ids_from.0])? > 0 {
            ids.forget();
        }
    }
    let (sdk, id) = walk.cursor.take().unwrap_or((i64::MIN, Vec::new()));
    let end: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT sdk, id FROM seen WHERE (sdk, id) > (?1, ?2) ORDER BY sdk, id LIMIT 1 OFFSET ?3")?
        .query_row(params![sdk, id, slice], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match &end {
        Some((end_sdk, end_id)) => connection
            .prepare_cached("DELETE FROM seen WHERE (sdk, id) > (?1, ?2) AND (sdk, id) <= (?3, ?4) AND day < ?5")?
            .execute(params![sdk, id, end_sdk, end_id, keep.ids_from.0])?,
        None => connection
            .prepare_cached("DELETE FROM seen WHERE (sdk, id) > (?1, ?2) AND day < ?3")?
            .execute(params![sdk, id, keep.ids_from.0])?,
    };
    give_back(connection)?;
    if end.is_none() {
        walk.done = Some(keep.ids_from);
    }
    walk.cursor = end;
    Ok(walk.cursor.is_some())
}

fn sdks(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM names WHERE sdk = 0 AND kind = 0")?;
    let numbers = statement.query_map([], |row| row.get(0))?;
    numbers.collect()
}

/// Shortens the file by pages that are free.
fn give_back(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Deletes what is asked for, in one transaction, and then every byte of it in file and log.
pub(super) fn erase(connection: &mut Connection, what: &Erase) -> rusqlite::Result<Erased> {
    let Erase { sdk, before, instance } = what;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = match sdk {
        Some(sdk) => match sdk_number(&transaction, sdk)? {
            Some(number) => Some(number),
            None => return Ok(Erased::default()),
        },
        None => None,
    };
    let mut conditions = vec!["1"];
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if let Some(number) = number {
        conditions.push("sdk = ?");
        values.push(Box::new(number));
    }
    if let Some(before) = before {
        conditions.push("day < ?");
        values.push(Box::new(before.0));
    }
    let by_day = conditions.join(" AND ");
    if let Some(instance) = instance {
        conditions.push("instance IN (SELECT id FROM names WHERE kind = ? AND text = ?)");
        values.push(Box::new(Kind::Instance as u8));
        values.push(Box::new(instance.clone()));
    }
    let rows = conditions.join(" AND ");
    let mut erased = Erased::default();
    let n: i64 = transaction.query_row(
        &format!("SELECT coalesce(sum(n), 0) FROM events WHERE {rows}"),
        params_from_iter(&values),
        |row| row.get(0),
    )?;
    erased.events = u64::try_from(n).unwrap_or_default();
    for table in ["events", "installation_events"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE {rows}"), params_from_iter(&values))?;
    }
    // What is left of values that lead to no event leads to nobody's wish any more.
    transaction.execute(
        "DELETE FROM installation_values AS v WHERE NOT EXISTS (SELECT 1 FROM installation_events i
         WHERE i.sdk = v.sdk AND i.installation = v.installation AND i.day = v.day)",
        [],
    )?;
    if instance.is_none() {
        for table in ["counts", "value_counts", "outcomes"] {
            erased.counts +=
                transaction.execute(&format!("DELETE FROM {table} WHERE {by_day}"), params_from_iter(&values))? as u64;
        }
        if let (Some(number), None) = (number, before) {
            // Ids go with the SDK alone: without them, what is still on its way would count again.
            transaction.execute("DELETE FROM seen WHERE sdk = ?1", [number])?;
            transaction.execute("DELETE FROM recent WHERE sdk = ?1", [number])?;
            transaction.execute("DELETE FROM deleted_installations WHERE sdk = ?1", [number])?;
        }
    }
    forget_names(&transaction)?;
    transaction.commit()?;
    empty_log(connection)?;
    Ok(erased)
}

/// Deletes texts to which nothing leads any more.
fn forget_names(connection: &Connection) -> rusqlite::Result<()> {
    let uses: [(Kind, &str); 6] = [
        (Kind::Event, "SELECT event FROM events UNION SELECT event FROM counts UNION SELECT event FROM value_counts"),
        (
            Kind::Version,
            "SELECT version FROM events UNION SELECT version FROM counts UNION SELECT version FROM value_counts",
        ),
        (Kind::Wrapper, "SELECT wrapper FROM events UNION SELECT wrapper_version FROM events"),
        (Kind::Instance, "SELECT instance FROM events"),
        (Kind::Field, "SELECT field FROM value_counts"),
        (Kind::Value, "SELECT value FROM value_counts"),
    ];
    for (kind, uses) in uses {
        connection.execute(&format!("DELETE FROM names WHERE kind = ?1 AND id NOT IN ({uses})"), [kind as u8])?;
    }
    connection.execute(
        "DELETE FROM names WHERE sdk = 0 AND kind = 0 AND id NOT IN (SELECT sdk FROM events UNION SELECT sdk FROM counts
         UNION SELECT sdk FROM outcomes UNION SELECT sdk FROM seen UNION SELECT sdk FROM recent UNION SELECT sdk FROM deleted_installations
         UNION SELECT sdk FROM names WHERE sdk <> 0)",
        [],
    )?;
    Ok(())
}

/// Empties the log if nobody uses the store at this moment; whether it did.
pub(super) fn clean(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(FOR_READERS)?;
    let is_empty = give_back(connection).and_then(|()| cut_log(connection));
    connection.busy_timeout(BUSY)?;
    match is_empty {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        is_empty => is_empty,
    }
}

/// Writes the log into the file and cuts it to nothing; whether nobody kept it from that.
fn cut_log(connection: &Connection) -> rusqlite::Result<bool> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Empties the log.
///
/// # Errors
///
/// That somebody reads at this moment, after the time that SQLite waits.
fn empty_log(connection: &Connection) -> rusqlite::Result<()> {
    give_back_all(connection)?;
    if cut_log(connection)? {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Err(rusqlite::Error::SqliteFailure(code, Some("somebody reads the store; try again".to_owned())))
}

fn give_back_all(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}
