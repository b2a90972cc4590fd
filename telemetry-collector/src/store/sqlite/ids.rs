//! Ids and keys by which repeats are known.
//!
//! Ids are random behind their hour, so each would change a page of the table `seen` of its own, and a commit of some thousand would
//! write as many pages. New ones are therefore kept twice for a while: in memory, where they are looked up, and in `recent`, a row for
//! each commit, from which a start reads them again. Once there are many, they settle: sorted, some with each commit, into `seen`,
//! where those of a range lie on few pages. After a kill in the middle of it they settle again, which changes nothing.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction, params};

use crate::clock::Day;

/// An id or a key.
type Id = [u8; 16];

/// Of this SDK, this id.
type Of = (i64, Id);

/// How many are new before they settle. They take some 40 bytes each in memory, and while they settle there are as many again; with a
/// quarter of it a commit writes twice as much.
const MANY: usize = 262_144;

/// How many settle with a commit, beside twice as many as it brings: so they have settled before there are as many again.
const SETTLE: usize = 1_000;

/// What this process knows of ids.
#[derive(Debug)]
pub(super) struct Ids {
    /// [`MANY`]; fewer in a test.
    pub(super) many: usize,
    /// Whether the rest is what `recent` holds.
    is_read: bool,
    /// New ones, with the day of their arrival.
    new: HashMap<Of, i32>,
    /// Those of the present transaction.
    added: Vec<(i64, i32, Id)>,
    settling: Option<Settling>,
}

/// Ids on their way to `seen`.
#[derive(Debug)]
struct Settling {
    /// All of them, in the order of the table.
    sorted: Vec<(Of, i32)>,
    /// So many have settled.
    done: usize,
    /// The last row of `recent` that holds any of them.
    last: i64,
}

impl Settling {
    fn holds(&self, of: &Of) -> bool {
        self.sorted.binary_search_by(|(other, _)| other.cmp(of)).is_ok()
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self { many: MANY, is_read: false, new: HashMap::new(), added: Vec::new(), settling: None }
    }
}

impl Ids {
    /// Forgets all: what was noted was taken back, or another process has deleted some. It is read again when it is needed.
    pub(super) fn forget(&mut self) {
        *self = Self { many: self.many, ..Self::default() };
    }

    /// Remembers an id; whether it was not known.
    pub(super) fn is_new(
        &mut self,
        transaction: &Transaction<'_>,
        sdk: i64,
        id: &Id,
        received: Day,
    ) -> rusqlite::Result<bool> {
        if !self.is_read {
            self.read(transaction)?;
        }
        let of = (sdk, *id);
        if self.new.contains_key(&of) || self.settling.as_ref().is_some_and(|settling| settling.holds(&of)) {
            return Ok(false);
        }
        let mut statement = transaction.prepare_cached("SELECT 1 FROM seen WHERE sdk = ?1 AND id = ?2")?;
        if statement.exists(params![sdk, id])? {
            return Ok(false);
        }
        self.new.insert(of, received.0);
        self.added.push((sdk, received.0, *id));
        Ok(true)
    }

    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.forget();
        let mut statement = connection.prepare_cached("SELECT sdk, day, ids FROM recent")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (sdk, day) = (row.get(0)?, row.get(1)?);
            let (ids, _) = row.get_ref(2)?.as_blob()?.as_chunks::<16>();
            self.new.extend(ids.iter().map(|id| ((sdk, *id), day)));
        }
        self.is_read = true;
        Ok(())
    }

    /// Writes those of this transaction, sorted, which says nothing of the order in which they came; and lets some settle.
    pub(super) fn write(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut added = std::mem::take(&mut self.added);
        added.sort_unstable();
        let mut statement = transaction.prepare_cached("INSERT INTO recent (sdk, day, ids) VALUES (?1, ?2, ?3)")?;
        for of_day in added.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some((sdk, day, _)) = of_day.first() else { continue };
            let ids: Vec<u8> = of_day.iter().flat_map(|(_, _, id)| *id).collect();
            statement.execute(params![sdk, day, ids])?;
        }
        if self.settling.is_none() && self.new.len() >= self.many {
            self.settling = Some(self.begin(transaction)?);
        }
        self.settle(transaction, 2 * added.len() + SETTLE)
    }

    fn begin(&mut self, connection: &Connection) -> rusqlite::Result<Settling> {
        let last = connection.query_row("SELECT coalesce(max(number), 0) FROM recent", [], |row| row.get(0))?;
        let mut sorted: Vec<_> = std::mem::take(&mut self.new).into_iter().collect();
        sorted.sort_unstable();
        Ok(Settling { sorted, done: 0, last })
    }

    fn settle(&mut self, connection: &Connection, most: usize) -> rusqlite::Result<()> {
        let Some(Settling { sorted, done, last }) = &mut self.settling else { return Ok(()) };
        let mut statement =
            connection.prepare_cached("INSERT INTO seen (sdk, id, day) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
        for ((sdk, id), day) in sorted.iter().skip(*done).take(most) {
            statement.execute(params![sdk, id, day])?;
        }
        *done = done.saturating_add(most);
        if *done >= sorted.len() {
            connection.prepare_cached("DELETE FROM recent WHERE number <= ?1")?.execute([*last])?;
            self.settling = None;
        }
        Ok(())
    }
}
