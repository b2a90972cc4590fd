//! What an operator does with the file beside a running collector: copy it, look for damage.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{FILE_NAME, from_sqlite, open::quick_check};
use crate::store::StoreError;

/// Copies the store in the data folder `data` to the file `to`, which is not there yet: a state of one moment, while events come in.
///
/// # Errors
///
/// [`StoreError`]; what was written of the copy is removed.
pub fn backup(data: &Path, to: &Path) -> Result<(), StoreError> {
    let connection = reading(data)?;
    let text = to.to_str().ok_or_else(|| StoreError::Unavailable("the path is not UTF-8".to_owned()))?;
    let copied = connection.execute("VACUUM INTO ?1", [text]).map_err(from_sqlite);
    let synced = copied.and_then(|_| {
        fs::File::open(to).and_then(|file| file.sync_all()).map_err(|error| StoreError::Unavailable(error.to_string()))
    });
    if synced.is_err() {
        let _ = fs::remove_file(to);
    }
    synced
}

/// What is wrong with the store, one line each; nothing if all of it holds.
///
/// # Errors
///
/// [`StoreError`] if it cannot be looked at.
pub fn check(data: &Path) -> Result<Vec<String>, StoreError> {
    let mut connection = reading(data)?;
    if let Some(damage) = quick_check(&mut connection, None)? {
        return Ok(vec![damage]);
    }
    let mut found = Vec::new();
    for (rule, sql) in RULES {
        let n: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(from_sqlite)?;
        if n > 0 {
            found.push(format!("{rule}: {n}"));
        }
    }
    Ok(found)
}

/// What holds in a sound store, and how often it does not.
const RULES: [(&str, &str); 4] = [
    (
        "events whose count is smaller than their rows",
        "SELECT count(*) FROM (SELECT sdk, day, event, version, rate, actor, ephemeral, sum(n) AS n FROM events GROUP BY 1, 2, 3, 4, 5, 6, 7) e
         LEFT JOIN counts c USING (sdk, day, event, version, rate, actor, ephemeral) WHERE e.n > coalesce(c.n, 0)",
    ),
    (
        "values of events that are not counted",
        "SELECT count(*) FROM value_counts v WHERE NOT EXISTS (SELECT 1 FROM counts c WHERE c.sdk = v.sdk AND c.day = v.day
         AND c.event = v.event AND c.version = v.version AND c.rate = v.rate)",
    ),
    (
        "numbers without a name",
        "SELECT count(*) FROM (SELECT sdk AS id FROM counts UNION SELECT event FROM counts UNION SELECT version FROM counts
         UNION SELECT event FROM events UNION SELECT version FROM events UNION SELECT wrapper FROM events
         UNION SELECT wrapper_version FROM events UNION SELECT instance FROM events UNION SELECT field FROM value_counts
         UNION SELECT value FROM value_counts) WHERE id <> 0 AND id NOT IN (SELECT id FROM names)",
    ),
    (
        "rows that count nothing",
        "SELECT (SELECT count(*) FROM events WHERE n < 1) + (SELECT count(*) FROM counts WHERE n < 1)
         + (SELECT count(*) FROM value_counts WHERE n < 1)",
    ),
];

fn reading(data: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(data.join(FILE_NAME), flags).map_err(from_sqlite)
}
