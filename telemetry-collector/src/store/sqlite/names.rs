//! Texts by number: a row is short, and a text that strangers can vary is bounded.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    Sdk = 0,
    Event = 1,
    Version = 2,
    Wrapper = 3,
    Instance = 4,
    Field = 5,
    Value = 6,
}

/// How many texts of one kind one SDK may have. Versions, wrappers and instances are what clients say, and anybody can be a
/// client; whatever comes behind the last is counted under [`OTHERS`].
const MOST: i64 = 20_000;

/// The text for all that have no room.
pub(super) const OTHERS: &str = "(others)";

/// What stands between the name of an event and its discriminant.
pub(super) const UNIT: char = '\u{1f}';

/// The numbers that this process has looked up.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<(i64, Kind), HashMap<String, i64>>,
    counts: HashMap<(i64, Kind), i64>,
    /// Of the file, as SQLite counts changes by other connections.
    data_version: i64,
}

impl Names {
    /// Forgets all: numbers of this transaction were taken back, or rows deleted.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets all if another process has changed the file; whether it has. Within a transaction.
    pub(super) fn look_for_changes(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        let data_version = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        let is_changed = data_version != self.data_version;
        if is_changed {
            self.forget();
            self.data_version = data_version;
        }
        Ok(is_changed)
    }

    /// The number of a text; a new one if it has none. Empty text is 0.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        sdk: i64,
        kind: Kind,
        text: &str,
    ) -> rusqlite::Result<i64> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(number) = self.numbers.get(&(sdk, kind)).and_then(|known| known.get(text)) {
            return Ok(*number);
        }
        let number = match self.look_up(connection, sdk, kind, text)? {
            Some(number) => number,
            None if self.count(connection, sdk, kind)? < MOST || text == OTHERS => {
                connection
                    .prepare_cached("INSERT INTO names (sdk, kind, text) VALUES (?1, ?2, ?3)")?
                    .execute(params![sdk, kind as u8, text])?;
                *self.counts.entry((sdk, kind)).or_default() += 1;
                connection.last_insert_rowid()
            }
            None => return self.number(connection, sdk, kind, OTHERS),
        };
        self.numbers.entry((sdk, kind)).or_default().insert(text.to_owned(), number);
        Ok(number)
    }

    /// A text as it may be kept: itself, or [`OTHERS`] where it has no room.
    pub(super) fn bounded<'t>(
        &mut self,
        connection: &Connection,
        sdk: i64,
        kind: Kind,
        text: &'t str,
    ) -> rusqlite::Result<&'t str> {
        let number = self.number(connection, sdk, kind, text)?;
        let has_room = number == 0 || self.numbers.get(&(sdk, kind)).is_some_and(|known| known.contains_key(text));
        Ok(if has_room { text } else { OTHERS })
    }

    fn look_up(&self, connection: &Connection, sdk: i64, kind: Kind, text: &str) -> rusqlite::Result<Option<i64>> {
        connection
            .prepare_cached("SELECT id FROM names WHERE sdk = ?1 AND kind = ?2 AND text = ?3")?
            .query_row(params![sdk, kind as u8, text], |row| row.get(0))
            .optional()
    }

    fn count(&mut self, connection: &Connection, sdk: i64, kind: Kind) -> rusqlite::Result<i64> {
        if let Some(count) = self.counts.get(&(sdk, kind)) {
            return Ok(*count);
        }
        let count = connection
            .prepare_cached("SELECT count(*) FROM names WHERE sdk = ?1 AND kind = ?2")?
            .query_row(params![sdk, kind as u8], |row| row.get(0))?;
        self.counts.insert((sdk, kind), count);
        Ok(count)
    }
}

/// The number of an SDK that has one.
pub(super) fn sdk_number(connection: &Connection, sdk: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM names WHERE sdk = 0 AND kind = 0 AND text = ?1")?
        .query_row([sdk], |row| row.get(0))
        .optional()
}

/// The text under which an event is kept.
pub(super) fn event_text(name: &str, discriminant: Option<&str>) -> String {
    match discriminant {
        Some(discriminant) => format!("{name}{UNIT}{discriminant}"),
        None => name.to_owned(),
    }
}

/// The name and the discriminant in such a text.
pub(super) fn event_of_text(text: &str) -> (String, Option<String>) {
    match text.split_once(UNIT) {
        Some((name, discriminant)) => (name.to_owned(), Some(discriminant.to_owned())),
        None => (text.to_owned(), None),
    }
}
