//! What waits for another engine, in the same file as everything else of a collector: an event is remembered by its id and put here in one commit.
//!
//! One thread writes. Whoever sends reads beside it, and says up to which number the engine has it; the next commit deletes that. A kill in between
//! sends some of it twice, which the engine knows by its key.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    FILE_NAME, Sqlite, from_sqlite,
    installation::hash,
    names::{Kind, Names, OTHERS},
    read::number,
    write::{Destination, Of},
};
use crate::{
    clock::Day,
    store::{Batch, Erase, Event, Forget, Outcome, Store as _, StoreError, Written},
};

/// One event on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The SDK.
    pub sdk: String,
    /// The day; days since 1970.
    pub day: i32,
    /// The event's name.
    pub event: String,
    /// Which component or method; empty where none.
    pub discriminant: String,
    /// By which a repeat is known, wherever it arrives.
    pub id: [u8; 16],
    /// The version of the SDK.
    pub version: String,
    /// What wraps the SDK, and its version.
    pub wrapper: (String, String),
    /// The publishable key; empty where none.
    pub instance: String,
    /// A hash of the installation's id; zeros where none.
    pub installation: [u8; 16],
    /// The sampling rate in millionths.
    pub rate: u32,
    /// Who ran the program, as a word.
    pub actor: String,
    /// Whether the machine looks like a container.
    pub is_ephemeral: Option<bool>,
    /// The payload as JSON.
    pub payload: String,
    /// Its values: path, value, number.
    pub facets: Vec<(String, String, i64)>,
    /// Whether it is shown as a row; otherwise it is counted alone.
    pub is_kept: bool,
}

/// What the thread that writes and the one that sends tell each other.
#[derive(Debug, Default)]
pub struct Progress {
    /// The last event that was put here.
    pub last: AtomicI64,
    /// The last event that the engine has.
    pub sent: AtomicI64,
    /// Bytes of events, those included that the engine has and that are not deleted yet.
    pub bytes: AtomicU64,
}

impl Progress {
    /// How many events the engine does not have; some more after a deletion, until it has what came behind them.
    pub fn unsent(&self) -> u64 {
        let last = self.last.load(Ordering::Acquire);
        number(last.saturating_sub(self.sent.load(Ordering::Acquire)))
    }
}

/// Bytes that an event needs beside its row: keys, and its part of a page.
const BESIDE: u64 = 96;

/// Events that one commit deletes because the engine has them, at most.
const SETTLE: i64 = 20_000;

/// What an operator has erased, as hashes of names, so that it can be told to all collectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Which one it is.
    pub id: [u8; 16],
    /// Only of the SDK with this hash.
    pub sdk: Option<String>,
    /// Only what happened before this day.
    pub before: Option<Day>,
    /// Only rows with the publishable key that has this hash.
    pub instance: Option<String>,
}

impl Erasure {
    /// The same without names.
    ///
    /// # Errors
    ///
    /// That the system has no random bytes.
    pub fn of(what: &Erase) -> Result<Self, StoreError> {
        let Erase { sdk, before, instance } = what;
        let hash = |name: &String| name_hash(name);
        Ok(Self { id: random()?, sdk: sdk.as_ref().map(hash), before: *before, instance: instance.as_ref().map(hash) })
    }
}

/// By which a name is told to others: 64 hexadecimal digits in upper case, as the engine writes them.
pub fn name_hash(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// By which the id of an installation is kept.
pub fn installation_hash(id: &[u8; 16]) -> [u8; 16] {
    hash(id)
}

fn random() -> Result<[u8; 16], StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(bytes)
}

/// The writing side.
#[derive(Debug)]
pub struct Outbox {
    store: Sqlite,
    /// The last number that was given.
    last: i64,
    /// How many bytes may wait.
    full_at: u64,
    /// Whether what waits was counted anew since it became too much: it is millions of rows, and only becomes less.
    is_counted: bool,
}

impl Outbox {
    /// Makes a store an outbox, in which so many bytes may wait.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn new(store: Sqlite, full_at: u64, progress: &Progress) -> Result<Self, StoreError> {
        let (first, last) = measure(&store.connection, progress).map_err(from_sqlite)?;
        progress.last.store(last, Ordering::Release);
        // What came before the first of them was sent, by whichever process.
        progress.sent.store(first - 1, Ordering::Release);
        collector(&store.connection)?;
        Ok(Self { store, last, full_at, is_counted: false })
    }

    /// The outbox of another, which writes meanwhile: for deleting alone.
    pub fn beside(store: Sqlite) -> Self {
        Self { store, last: 0, full_at: 0, is_counted: false }
    }

    /// Puts what is new of these batches here, durably, as one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; then nothing of it was kept.
    pub fn write(&mut self, batches: &[Batch], progress: &Progress) -> Result<Vec<Written>, StoreError> {
        self.has_room(progress)?;
        let mut last = self.last;
        let written = self.store.write_to(batches, Queue { last: &mut last, rows: Vec::new(), progress });
        // Numbers are never given twice, since what is sent is told by them.
        self.last = last;
        // All up to it is committed or never will be: whoever reads from now on sees it.
        progress.last.store(last, Ordering::Release);
        written
    }

    /// Whether more may wait.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if not, or if the file cannot be written.
    pub fn probe(&mut self, progress: &Progress) -> Result<(), StoreError> {
        self.has_room(progress)?;
        self.store.probe()
    }

    fn has_room(&mut self, progress: &Progress) -> Result<(), StoreError> {
        let waiting = || progress.bytes.load(Ordering::Relaxed);
        if waiting() < self.full_at {
            self.is_counted = false;
            return Ok(());
        }
        self.settle(progress)?;
        if waiting() >= self.full_at && !self.is_counted {
            measure(&self.store.connection, progress).map_err(from_sqlite)?;
            self.is_counted = true;
        }
        let waiting = waiting();
        if waiting < self.full_at {
            return Ok(());
        }
        let (mib, events) = (waiting >> 20, progress.unsent());
        Err(StoreError::Unavailable(format!("{events} events, {mib} MiB, wait for ClickHouse, and more may not")))
    }

    /// Deletes a part of what the engine has; whether there is more of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn settle(&mut self, progress: &Progress) -> Result<bool, StoreError> {
        let mut settle = || {
            let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let settled = settle(&transaction, progress.sent.load(Ordering::Acquire))?;
            transaction.commit()?;
            Ok(settled)
        };
        let settled = settle().map_err(from_sqlite)?;
        settled.note(progress);
        Ok(settled.is_more)
    }

    /// What the store does beside what waits.
    pub fn store(&mut self) -> &mut Sqlite {
        &mut self.store
    }

    /// Deletes what came with ids of installations; with the number of events of each that were not sent yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn forget(&mut self, forgets: &[Forget], progress: &Progress) -> Result<Vec<u64>, StoreError> {
        let sent = progress.sent.load(Ordering::Acquire);
        let mut settled = Settled::default();
        let mut waiting = || -> rusqlite::Result<Vec<u64>> {
            let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut all = Vec::new();
            for Forget { sdk, installation, .. } in forgets {
                let (sdk, installation) = (&**sdk, hash(installation));
                const OF: &str = "FROM waiting WHERE installation <> x'00000000000000000000000000000000' AND installation = ?2 AND sdk = ?1";
                let sums = format!("SELECT count(*) FILTER (WHERE number > ?3), {SUMS} {OF}");
                let sums = transaction.prepare_cached(&sums)?.query_row(params![sdk, installation, sent], |row| {
                    settled.bytes += bytes(row, 1)?;
                    row.get(0)
                });
                all.push(number(sums?));
                transaction.prepare_cached(&format!("DELETE {OF}"))?.execute(params![sdk, installation])?;
            }
            transaction.commit()?;
            Ok(all)
        };
        let waiting = waiting().map_err(from_sqlite)?;
        settled.note(progress);
        let rows = self.store.forget(forgets)?;
        Ok(waiting.iter().zip(rows).map(|(waiting, rows)| waiting + rows).collect())
    }

    /// Deletes what was erased, here or elsewhere.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn erase(&mut self, what: &Erasure, progress: &Progress) -> Result<(), StoreError> {
        erase_waiting(&mut self.store.connection, what).map_err(from_sqlite)?;
        let name = |kind, hash: &Option<String>| match hash {
            None => Ok(Some(None)),
            Some(hash) => name_of(&self.store.connection, kind, hash).map(|name| name.map(Some)),
        };
        let names = || Ok((name(Kind::Sdk, &what.sdk)?, name(Kind::Instance, &what.instance)?));
        // Of a name that nobody has there is nothing.
        if let (Some(sdk), Some(instance)) = names().map_err(from_sqlite)? {
            self.store.erase(&Erase { sdk, before: what.before, instance })?;
        } else {
            self.store.clean()?;
        }
        measure(&self.store.connection, progress).map_err(from_sqlite)?;
        Ok(())
    }

    /// Remembers that what was erased elsewhere is gone here, or was before this collector began.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn note_erased(&mut self, ids: &[[u8; 16]]) -> Result<(), StoreError> {
        let mut note = || {
            let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for id in ids {
                transaction.execute("INSERT INTO erasures VALUES (?1) ON CONFLICT DO NOTHING", [id])?;
            }
            transaction.execute("UPDATE collector SET has_begun = 1", [])?;
            transaction.commit()
        };
        note().map_err(from_sqlite)
    }
}

/// How many there are, and of how many bytes.
const SUMS: &str = "count(*), coalesce(sum(octet_length(row)), 0)";

/// The bytes that these sums come to, which begin at this column.
fn bytes(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(number(row.get(at + 1)?) + number(row.get(at)?) * BESIDE)
}

/// Counts what waits; the first and the last number.
fn measure(connection: &Connection, progress: &Progress) -> rusqlite::Result<(i64, i64)> {
    let sql = format!("SELECT coalesce(min(number), 1), coalesce(max(number), 0), {SUMS} FROM waiting");
    connection.query_row(&sql, [], |row| {
        progress.bytes.store(bytes(row, 2)?, Ordering::Relaxed);
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// What a deletion of sent events has changed.
#[derive(Debug, Clone, Copy, Default)]
struct Settled {
    bytes: u64,
    is_more: bool,
}

impl Settled {
    fn note(self, progress: &Progress) {
        let less = |now: u64| Some(now.saturating_sub(self.bytes));
        let _ = progress.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

fn settle(transaction: &Transaction<'_>, sent: i64) -> rusqlite::Result<Settled> {
    let sql = "SELECT min(number) FROM waiting WHERE number <= ?1";
    let first: Option<i64> = transaction.prepare_cached(sql)?.query_row([sent], |row| row.get(0))?;
    let Some(first) = first else { return Ok(Settled::default()) };
    let last = sent.min(first.saturating_add(SETTLE));
    let sql = format!("SELECT {SUMS} FROM waiting WHERE number <= ?1");
    let bytes = transaction.prepare_cached(&sql)?.query_row([last], |row| bytes(row, 0))?;
    transaction.prepare_cached("DELETE FROM waiting WHERE number <= ?1")?.execute([last])?;
    Ok(Settled { bytes, is_more: last < sent })
}

fn erase_waiting(connection: &mut Connection, what: &Erasure) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let texts = |column: &str, hash: &Option<String>| -> rusqlite::Result<Vec<Option<String>>> {
        let Some(hash) = hash else { return Ok(vec![None]) };
        let mut statement = transaction.prepare(&format!("SELECT DISTINCT {column} FROM waiting"))?;
        let all: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(all.into_iter().filter(|name| name_hash(name) == *hash).map(Some).collect())
    };
    const OF: &str = "(?1 IS NULL OR sdk = ?1) AND (?2 IS NULL OR day < ?2) AND (?3 IS NULL OR instance = ?3)";
    for sdk in texts("sdk", &what.sdk)? {
        for instance in texts("instance", &what.instance)? {
            let before = what.before.map(|day| day.0);
            let of = params![sdk, before, instance];
            let change = match instance {
                None => format!("DELETE FROM waiting WHERE {OF}"),
                // It stays as a count, which has no key and leads to no row; with its installation, which may have asked for deletion elsewhere.
                Some(_) => format!(
                    "UPDATE waiting SET instance = '', row = json_set(row, '$.instance', '', '$.payload', '',
                     '$.wrapper', json('[\"\",\"\"]'), '$.is_kept', json('false')) WHERE {OF}"
                ),
            };
            transaction.execute(&change, of)?;
        }
    }
    transaction.commit()
}

fn name_of(connection: &Connection, kind: Kind, hash: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare("SELECT text FROM names WHERE kind = ?1")?;
    let all: BTreeSet<String> =
        statement.query_map([kind as u8], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(all.into_iter().find(|name| name_hash(name) == hash))
}

/// The number of this collector; one that is drawn now where there is none.
fn collector(connection: &Connection) -> Result<[u8; 16], StoreError> {
    let known =
        connection.query_row("SELECT id FROM collector", [], |row| row.get(0)).optional().map_err(from_sqlite)?;
    if let Some(known) = known {
        return Ok(known);
    }
    let drawn = random()?;
    connection.execute("INSERT INTO collector VALUES (?1, 0)", [drawn]).map_err(from_sqlite)?;
    Ok(drawn)
}

/// New events on their way into the table.
struct Queue<'o> {
    last: &'o mut i64,
    rows: Vec<Waiting>,
    progress: &'o Progress,
}

impl<'a> Destination<'a> for Queue<'_> {
    fn add(
        &mut self,
        transaction: &Transaction<'_>,
        names: &mut Names,
        Of { sdk, batch, number: place }: Of<'a>,
        day: Day,
        event: &'a Event,
    ) -> rusqlite::Result<()> {
        let id = match (&event.id, &batch.key) {
            (Some(id), _) => hash(id),
            (None, Some(key)) => numbered(key, place),
            // Nothing tells a repeat of it, but one of ours must be known.
            (None, None) => random().map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
        };
        let mut bounded = |kind, text: &str| names.bounded(transaction, sdk, kind, text).map(str::to_owned);
        let has_name =
            bounded(Kind::Event, &super::names::event_text(&event.name, event.discriminant.as_deref()))? != OTHERS;
        let event_name = if has_name { event.name.clone() } else { OTHERS.to_owned() };
        let mut facets = Vec::with_capacity(event.facets.len());
        for facet in &event.facets {
            facets.push((bounded(Kind::Field, &facet.path)?, bounded(Kind::Value, &facet.value)?, facet.sum));
        }
        self.rows.push(Waiting {
            sdk: batch.sdk.to_string(),
            day: day.0,
            event: event_name,
            discriminant: event.discriminant.clone().filter(|_| has_name).unwrap_or_default(),
            id,
            version: bounded(Kind::Version, &event.version)?,
            wrapper: (bounded(Kind::Wrapper, &event.wrapper.0)?, bounded(Kind::Wrapper, &event.wrapper.1)?),
            instance: bounded(Kind::Instance, event.instance.as_deref().unwrap_or_default())?,
            installation: event.installation.map(|id| hash(&id)).unwrap_or_default(),
            rate: event.rate,
            actor: event.actor.word().to_owned(),
            is_ephemeral: event.is_ephemeral,
            payload: event.payload.clone(),
            facets,
            is_kept: true,
        });
        Ok(())
    }

    fn write(self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let settled = settle(transaction, self.progress.sent.load(Ordering::Acquire))?;
        let mut statement = transaction.prepare_cached("INSERT INTO waiting VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        let mut bytes = 0;
        for row in &self.rows {
            let json =
                serde_json::to_string(row).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            bytes += json.len() as u64 + BESIDE;
            *self.last += 1;
            statement.execute(params![*self.last, row.sdk, row.day, row.instance, row.installation, json])?;
        }
        // A commit that fails after this counts too much; before anybody is told that there is no room, it is counted anew.
        settled.note(self.progress);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

/// A number for one event of a batch that is known by its key.
fn numbered(key: &[u8; 16], number: usize) -> [u8; 16] {
    let digest = Sha256::new().chain_update(key).chain_update((number as u64).to_be_bytes()).finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
    id
}

/// The reading side, for the one that sends.
#[derive(Debug)]
pub struct Sender(Connection);

impl Sender {
    /// Opens the outbox in the data folder `data`, which is there.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(data.join(FILE_NAME), flags).map_err(from_sqlite)?;
        connection.busy_timeout(std::time::Duration::from_secs(2)).map_err(from_sqlite)?;
        Ok(Self(connection))
    }

    /// The number of this collector, and whether it has asked the engine before.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn collector(&self) -> Result<([u8; 16], bool), StoreError> {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        self.0.query_row("SELECT id, has_begun FROM collector", [], row).map_err(from_sqlite)
    }

    /// The next events behind this number, with the number of the last one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn next(&self, behind: i64, most: usize) -> Result<(Vec<Waiting>, i64), StoreError> {
        let mut last = behind;
        let mut read = || -> rusqlite::Result<Vec<Waiting>> {
            let sql = "SELECT number, row FROM waiting WHERE number > ?1 ORDER BY number LIMIT ?2";
            let mut statement = self.0.prepare_cached(sql)?;
            let mut rows = statement.query(params![behind, i64::try_from(most).unwrap_or(i64::MAX)])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                last = row.get(0)?;
                let json = row.get_ref(1)?.as_str()?;
                all.push(serde_json::from_str(json).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into())
                })?);
            }
            Ok(all)
        };
        let rows = read().map_err(from_sqlite)?;
        Ok((rows, last))
    }

    /// Totals of outcomes, by SDK, from this day on.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn totals(&self, from: Day) -> Result<Vec<(String, Outcome)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let sql =
                "SELECT s.text, o.day, o.word, o.n FROM outcomes o JOIN names s ON s.id = o.sdk WHERE o.day >= ?1";
            let mut statement = self.0.prepare_cached(sql)?;
            let total = |row: &rusqlite::Row<'_>| {
                let outcome = Outcome { day: Day(row.get(1)?), word: row.get(2)?, n: number(row.get(3)?) };
                Ok((row.get(0)?, outcome))
            };
            statement.query_map([from.0], total)?.collect()
        };
        read().map_err(from_sqlite)
    }

    /// Whether this was erased here and in the engine.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn is_erased(&self, id: &[u8; 16]) -> Result<bool, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT 1 FROM erasures WHERE id = ?1").map_err(from_sqlite)?;
        statement.exists([id]).map_err(from_sqlite)
    }
}
