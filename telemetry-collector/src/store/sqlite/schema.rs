//! The tables, and how a file of an earlier version becomes one of this version: step by step, each step one transaction
//! together with the number that says it is done. A kill leaves the file before a step or behind it.

use rusqlite::{Connection, TransactionBehavior};

macro_rules! key {
    (event) => {
        "sdk, day, event, version, wrapper, wrapper_version, instance, rate, actor, ephemeral, hash"
    };
    (value) => {
        "sdk, day, event, field, value, version, rate"
    };
}

/// The columns that name a row of `events`.
pub(super) const EVENT_KEY: &str = key!(event);
/// Those of `counts`.
pub(super) const COUNT_KEY: &str = "sdk, day, event, version, rate, actor, ephemeral";
/// Those of `value_counts`.
pub(super) const VALUE_KEY: &str = key!(value);
/// Those of `installation_events`.
pub(super) const INSTALLATION_EVENT_KEY: &str = concat!("installation, ", key!(event));
/// Those of `installation_values`.
pub(super) const INSTALLATION_VALUE_KEY: &str = concat!("installation, ", key!(value));

/// A row of `events` by its key.
pub(super) type EventKey = [i64; 11];
/// A row of `counts` by its key.
pub(super) type CountKey = [i64; 7];
/// A row of `value_counts` by its key.
pub(super) type ValueKey = [i64; 7];

/// Adds to a row that is there. A sum that would leave the range of SQLite's numbers stays at its end.
pub(super) const ADD_VALUES: &str = "ON CONFLICT DO UPDATE SET n = n + excluded.n,
    sum = CAST(max(-9007199254740992, min(9007199254740992, sum + excluded.sum)) AS INTEGER)";

/// The steps; the number of steps is the version of the schema. A step that was released is never changed.
pub(super) const STEPS: [&str; 4] = [FIRST, SECOND, INSTALLATIONS, OUTBOX];

const FIRST: &str = "
-- Texts by number. `sdk` is the number of the SDK's own name, 0 for these names themselves.
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    sdk INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (sdk, kind, text)
) STRICT;

-- Distinct events of a day. No id, no time of day, no time of arrival.
CREATE TABLE events (
    sdk INTEGER NOT NULL,
    day INTEGER NOT NULL,
    event INTEGER NOT NULL,
    version INTEGER NOT NULL,
    wrapper INTEGER NOT NULL,
    wrapper_version INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    ephemeral INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    payload TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (sdk, day, event, version, wrapper, wrapper_version, instance, rate, actor, ephemeral, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
    sdk INTEGER NOT NULL,
    day INTEGER NOT NULL,
    event INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    ephemeral INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (sdk, day, event, version, rate, actor, ephemeral)
) STRICT, WITHOUT ROWID;

CREATE TABLE value_counts (
    sdk INTEGER NOT NULL,
    day INTEGER NOT NULL,
    event INTEGER NOT NULL,
    field INTEGER NOT NULL,
    value INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    n INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (sdk, day, event, field, value, version, rate)
) STRICT, WITHOUT ROWID;

-- How what arrived has ended, by the day of arrival.
CREATE TABLE outcomes (
    sdk INTEGER NOT NULL,
    day INTEGER NOT NULL,
    word TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (sdk, day, word)
) STRICT, WITHOUT ROWID;

-- Ids of events and keys of batches, by which repeats are known, with the day of arrival.
CREATE TABLE seen (
    sdk INTEGER NOT NULL,
    id BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (sdk, id)
) STRICT, WITHOUT ROWID;
";

const SECOND: &str = "
-- Ids and keys that are not in `seen` yet: those of one commit, one SDK and one day, 16 bytes each, sorted.
CREATE TABLE recent (
    number INTEGER PRIMARY KEY,
    sdk INTEGER NOT NULL,
    day INTEGER NOT NULL,
    ids BLOB NOT NULL
) STRICT;
";

const INSTALLATIONS: &str = "
-- Of SDKs that declare an id of the installation: which part of `events` and `value_counts` came with it, so that this part can be deleted. No other
-- table has the id.
CREATE TABLE installation_events (
    sdk INTEGER NOT NULL,
    installation BLOB NOT NULL,
    day INTEGER NOT NULL,
    event INTEGER NOT NULL,
    version INTEGER NOT NULL,
    wrapper INTEGER NOT NULL,
    wrapper_version INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    ephemeral INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (sdk, installation, day, event, version, wrapper, wrapper_version, instance, rate, actor, ephemeral, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX installation_events_by_day ON installation_events (sdk, day);

CREATE TABLE installation_values (
    sdk INTEGER NOT NULL,
    installation BLOB NOT NULL,
    day INTEGER NOT NULL,
    event INTEGER NOT NULL,
    field INTEGER NOT NULL,
    value INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    n INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (sdk, installation, day, event, field, value, version, rate)
) STRICT, WITHOUT ROWID;
CREATE INDEX installation_values_by_day ON installation_values (sdk, day);

-- Hashes of ids whose installations have asked for deletion, with the day on which they did.
CREATE TABLE deleted_installations (
    sdk INTEGER NOT NULL,
    hash BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (sdk, hash)
) STRICT, WITHOUT ROWID;
";

const OUTBOX: &str = "
-- Events that another engine does not have yet, in the order of their arrival, each as JSON, with hashes by which some of them can be deleted.
CREATE TABLE waiting (
    number INTEGER PRIMARY KEY,
    sdk TEXT NOT NULL,
    day INTEGER NOT NULL,
    instance TEXT NOT NULL,
    installation BLOB NOT NULL,
    row TEXT NOT NULL
) STRICT;

-- For those few that came with the id of an installation.
CREATE INDEX waiting_by_installation ON waiting (installation) WHERE installation <> x'00000000000000000000000000000000';

-- By which number the engine tells this collector from others, and whether it has asked the engine once; one row.
CREATE TABLE collector (
    id BLOB NOT NULL,
    has_begun INTEGER NOT NULL
) STRICT;

-- What was erased elsewhere, and here as well.
CREATE TABLE erasures (
    id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
";

/// The version of the schema in the file; 0 for an empty one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings the file to the last of these steps.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&transaction)?;
        let Some(step) = usize::try_from(version).ok().and_then(|version| steps.get(version)) else { return Ok(()) };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
}
