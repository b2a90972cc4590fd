//! The reading side: a connection of its own that cannot write, and never keeps the writer waiting.

use std::{collections::HashMap, path::Path};

use rusqlite::{Connection, OpenFlags, Row as SqlRow, params};

use super::{
    FILE_NAME, from_sqlite,
    names::{event_of_text, sdk_number},
};
use crate::{
    clock::Day,
    store::{Actor, ActorCount, Days, EventCount, Outcome, Read, Row, StoreError, ValueCount, ValueSum},
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

    /// The texts of an SDK by their numbers.
    fn texts(&self, sdk: &str) -> rusqlite::Result<HashMap<i64, String>> {
        let texts = self
            .all("SELECT id, text FROM names WHERE sdk = ?1", [self.sdk(sdk)?], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(texts.into_iter().collect())
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
            let (sdk, texts) = (self.sdk(sdk)?, self.texts(sdk)?);
            // In the order of the table, so that nothing is sorted.
            let sql = "SELECT day, event, version, rate, sum(n) FROM counts
                 WHERE sdk = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day, event, version, rate";
            self.all(sql, params![sdk, days.from.0, days.to.0], |row| {
                let (event, discriminant) = event_of_text(text(&texts, row.get(1)?));
                Ok(EventCount {
                    day: Day(row.get(0)?),
                    event,
                    discriminant,
                    version: text(&texts, row.get(2)?).to_owned(),
                    rate: row.get(3)?,
                    n: number(row.get(4)?),
                })
            })
        };
        read().map_err(from_sqlite)
    }

    fn actors(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ActorCount>, StoreError> {
        let sql = format!(
            "{} SELECT c.day, c.actor, sum(c.n) FROM each_day CROSS JOIN counts c ON c.sdk = ?1 AND c.day = each_day.day
             WHERE c.event IN ({OF_EVENT}) GROUP BY c.day, c.actor",
            each_day("counts")
        );
        let read = || {
            self.all(&sql, params![self.sdk(sdk)?, days.from.0, days.to.0, event], |row| {
                Ok(ActorCount { day: Day(row.get(0)?), actor: actor(row.get(1)?), n: number(row.get(2)?) })
            })
        };
        read().map_err(from_sqlite)
    }

    fn values(&mut self, sdk: &str, event: &str, days: Days) -> Result<Vec<ValueCount>, StoreError> {
        let sql = format!(
            "{} SELECT c.day, c.event, c.field, c.value, c.version, c.rate, c.n, c.sum
             FROM each_day CROSS JOIN value_counts c ON c.sdk = ?1 AND c.day = each_day.day
             WHERE c.event IN ({OF_EVENT})",
            each_day("value_counts")
        );
        let read = || {
            let (sdk, texts) = (self.sdk(sdk)?, self.texts(sdk)?);
            self.all(&sql, params![sdk, days.from.0, days.to.0, event], |row| {
                let (event, discriminant) = event_of_text(text(&texts, row.get(1)?));
                Ok(ValueCount {
                    day: Day(row.get(0)?),
                    event,
                    discriminant,
                    path: text(&texts, row.get(2)?).to_owned(),
                    value: text(&texts, row.get(3)?).to_owned(),
                    version: text(&texts, row.get(4)?).to_owned(),
                    rate: row.get(5)?,
                    n: number(row.get(6)?),
                    sum: row.get(7)?,
                })
            })
        };
        read().map_err(from_sqlite)
    }

    fn value_sums(&mut self, sdk: &str, days: Days) -> Result<Vec<ValueSum>, StoreError> {
        let read = || {
            let (sdk, texts) = (self.sdk(sdk)?, self.texts(sdk)?);
            let sql = "SELECT event, field, value, rate, n FROM value_counts WHERE sdk = ?1 AND day BETWEEN ?2 AND ?3";
            let mut statement = self.0.prepare_cached(sql)?;
            let mut rows = statement.query(params![sdk, days.from.0, days.to.0])?;
            // SQLite would sort all rows for this; and versions of one value follow one another.
            let mut sums: HashMap<[i64; 4], u64> = HashMap::new();
            let mut last = ([0; 4], 0);
            while let Some(row) = rows.next()? {
                let key = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
                if key != last.0 {
                    *sums.entry(last.0).or_default() += last.1;
                    last = (key, 0);
                }
                last.1 += number(row.get(4)?);
            }
            *sums.entry(last.0).or_default() += last.1;
            let sum = |([event, field, value, rate], n): ([i64; 4], u64)| {
                let (event, discriminant) = event_of_text(text(&texts, event));
                let (path, value) = (text(&texts, field).to_owned(), text(&texts, value).to_owned());
                ValueSum { event, discriminant, path, value, rate: u32::try_from(rate).unwrap_or_default(), n }
            };
            Ok(sums.into_iter().filter(|(_, n)| *n > 0).map(sum).collect())
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

/// The days of a table between `?2` and `?3`, found one after the other: what follows can ask for an event of each of them, where a
/// range of days would read all events.
fn each_day(table: &str) -> String {
    format!(
        "WITH RECURSIVE each_day(day) AS (
             SELECT min(day) FROM {table} WHERE sdk = ?1 AND day BETWEEN ?2 AND ?3
             UNION ALL
             SELECT (SELECT min(t.day) FROM {table} t WHERE t.sdk = ?1 AND t.day > each_day.day AND t.day <= ?3)
             FROM each_day WHERE each_day.day IS NOT NULL)"
    )
}

/// The numbers of an event, whatever it reports on.
const OF_EVENT: &str = "SELECT id FROM names WHERE sdk = ?1 AND kind = 1
     AND (text = ?4 OR substr(text, 1, length(?4) + 1) = ?4 || char(31))";

/// The text with this number; 0 is the empty one.
fn text(texts: &HashMap<i64, String>, number: i64) -> &str {
    texts.get(&number).map_or("", String::as_str)
}

pub(super) fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

fn actor(number: u8) -> Actor {
    Actor::ALL.get(usize::from(number)).copied().unwrap_or(Actor::Unsaid)
}

fn ephemeral(number: i64) -> Option<bool> {
    (number > 0).then_some(number > 1)
}
