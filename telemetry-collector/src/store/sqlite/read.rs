//! The reading side: a connection of its own that cannot write, and never keeps the writer waiting.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row as SqlRow, params};

use super::{
    FILE_NAME, from_sqlite,
    names::{event_of_text, sdk_number},
};
use crate::{
    clock::Day,
    store::{Actor, Days, EventCount, Outcome, Read, Row, StoreError, ValueCount},
};

/// A connection that reads.
#[derive(Debug)]
pub struct Reader(Connection);

impl Reader {
    /// Opens the store in the data folder `data`, which a collector has made.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(data.join(FILE_NAME), flags).map_err(from_sqlite)?;
        connection.busy_timeout(std::time::Duration::from_secs(2)).map_err(from_sqlite)?;
        // The file is ours or none: an empty one has no tables to read.
        connection.query_row("SELECT count(*) FROM names", [], |_| Ok(())).map_err(from_sqlite)?;
        Ok(Self(connection))
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        row: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.0.prepare_cached(sql)?.query_map(values, row)?.collect()
    }

    fn sdk(&self, sdk: &str) -> rusqlite::Result<i64> {
        // No SDK has this number, so one that is not there has no rows.
        Ok(sdk_number(&self.0, sdk)?.unwrap_or(-1))
    }
}

impl Read for Reader {
    fn sdks(&mut self) -> Result<Vec<String>, StoreError> {
        self.all("SELECT text FROM names WHERE sdk = 0 AND kind = 0 ORDER BY text", [], |row| row.get(0))
            .map_err(from_sqlite)
    }

    fn rows(&mut self, sdk: Option<&str>, days: Days, each: &mut dyn FnMut(Row)) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sdk = sdk.map(|sdk| self.sdk(sdk)).transpose()?;
            let mut statement = self.0.prepare_cached(
                "SELECT s.text, e.day, en.text, coalesce(v.text, ''), coalesce(w.text, ''), coalesce(wv.text, ''), i.text,
                        e.rate, e.actor, e.ephemeral, e.payload, e.n
                 FROM events e JOIN names s ON s.id = e.sdk JOIN names en ON en.id = e.event
                 LEFT JOIN names v ON v.id = e.version LEFT JOIN names w ON w.id = e.wrapper
                 LEFT JOIN names wv ON wv.id = e.wrapper_version LEFT JOIN names i ON i.id = e.instance
                 WHERE (?1 IS NULL OR e.sdk = ?1) AND e.day BETWEEN ?2 AND ?3",
            )?;
            let mut rows = statement.query(params![sdk, days.from.0, days.to.0])?;
            while let Some(row) = rows.next()? {
                let (event, discriminant) = event_of_text(row.get_ref(2)?.as_str()?);
                each(Row {
                    sdk: row.get(0)?,
                    day: Day(row.get(1)?),
                    event,
                    discriminant,
                    version: row.get(3)?,
                    wrapper: (row.get(4)?, row.get(5)?),
                    instance: row.get(6)?,
                    rate: row.get(7)?,
                    actor: actor(row.get(8)?),
                    is_ephemeral: ephemeral(row.get(9)?),
                    payload: row.get(10)?,
                    n: number(row.get(11)?),
                });
            }
            Ok(())
        };
        read().map_err(from_sqlite)
    }

    fn counts(&mut self, sdk: &str, days: Days) -> Result<Vec<EventCount>, StoreError> {
        let read = || {
            let sql = "SELECT c.day, en.text, coalesce(v.text, ''), c.rate, c.actor, c.ephemeral, c.n
                 FROM counts c JOIN names en ON en.id = c.event LEFT JOIN names v ON v.id = c.version
                 WHERE c.sdk = ?1 AND c.day BETWEEN ?2 AND ?3
                 ORDER BY c.day, en.text, v.text, c.rate, c.actor, c.ephemeral";
            self.all(sql, params![self.sdk(sdk)?, days.from.0, days.to.0], |row| {
                let (event, discriminant) = event_of_text(row.get_ref(1)?.as_str()?);
                Ok(EventCount {
                    day: Day(row.get(0)?),
                    event,
                    discriminant,
                    version: row.get(2)?,
                    rate: row.get(3)?,
                    actor: actor(row.get(4)?),
                    is_ephemeral: ephemeral(row.get(5)?),
                    n: number(row.get(6)?),
                })
            })
        };
        read().map_err(from_sqlite)
    }

    fn values(&mut self, sdk: &str, event: Option<&str>, days: Days) -> Result<Vec<ValueCount>, StoreError> {
        let read = || {
            let sql = "SELECT c.day, en.text, f.text, x.text, coalesce(v.text, ''), c.rate, c.n, c.sum
                 FROM value_counts c JOIN names en ON en.id = c.event JOIN names f ON f.id = c.field
                 LEFT JOIN names x ON x.id = c.value LEFT JOIN names v ON v.id = c.version
                 WHERE c.sdk = ?1 AND c.day BETWEEN ?2 AND ?3 AND c.event IN (
                     SELECT id FROM names WHERE sdk = ?1 AND kind = 1
                     AND (?4 IS NULL OR text = ?4 OR substr(text, 1, length(?4) + 1) = ?4 || char(31)))
                 ORDER BY c.day, en.text, f.text, x.text, v.text, c.rate";
            self.all(sql, params![self.sdk(sdk)?, days.from.0, days.to.0, event], |row| {
                let (event, discriminant) = event_of_text(row.get_ref(1)?.as_str()?);
                Ok(ValueCount {
                    day: Day(row.get(0)?),
                    event,
                    discriminant,
                    path: row.get(2)?,
                    value: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                    version: row.get(4)?,
                    rate: row.get(5)?,
                    n: number(row.get(6)?),
                    sum: row.get(7)?,
                })
            })
        };
        read().map_err(from_sqlite)
    }

    fn outcomes(&mut self, sdk: &str, days: Days) -> Result<Vec<Outcome>, StoreError> {
        let read = || {
            let sql = "SELECT day, word, n FROM outcomes WHERE sdk = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day, word";
            self.all(sql, params![self.sdk(sdk)?, days.from.0, days.to.0], |row| {
                Ok(Outcome { day: Day(row.get(0)?), word: row.get(1)?, n: number(row.get(2)?) })
            })
        };
        read().map_err(from_sqlite)
    }
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

fn actor(number: u8) -> Actor {
    Actor::ALL.get(usize::from(number)).copied().unwrap_or(Actor::Unsaid)
}

fn ephemeral(number: i64) -> Option<bool> {
    (number > 0).then_some(number > 1)
}
