//! The way to ClickHouse: one statement at a time, each bounded in time, with its own runtime so that threads without one can ask.

use std::{fs, future::Future, time::Duration};

use clickhouse::{Client, Row, RowOwned, RowRead, RowWrite, error::Error};
use tokio::runtime::{Builder, Runtime};

use super::schema;
use crate::{
    config::{Clickhouse, Config},
    store::StoreError,
};

/// A client with what it needs to wait.
pub(super) struct Engine {
    /// There until it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    pub(super) settings: Clickhouse,
    counts_days: u32,
    is_ready: bool,
}

/// Settings of every statement. An answer to an insert says that it is stored, on every server that is to have it; no text of ours is written into the engine's
/// log; rows of one key lie in one partition, as the key has the day; a deletion may ask a table what it deletes.
const SETTINGS: [(&str, &str); 7] = [
    ("async_insert", "0"),
    ("distributed_foreground_insert", "1"),
    ("log_queries", "0"),
    ("do_not_merge_across_partitions_select_final", "1"),
    ("allow_nondeterministic_mutations", "1"),
    ("mutations_sync", "2"),
    ("max_partitions_per_insert_block", "0"),
];

/// How long a change of rows may take, and the first of all rows of a day: parts of millions of rows are written anew, or put in order.
const FOR_MILLIONS: Duration = Duration::from_secs(900);

impl Engine {
    pub(super) fn new(config: &Config) -> Result<Self, StoreError> {
        let settings = config.clickhouse.clone();
        let mut client = Client::default()
            .with_url(&settings.url)
            .with_database(&settings.database)
            .with_user(&settings.user)
            // The types are ours on both sides: `schema.sql` and `rows.rs`.
            .with_validation(false);
        if let Some(file) = &settings.password_file {
            let password = fs::read_to_string(file)
                .map_err(|error| StoreError::Unavailable(format!("cannot read {}: {error}", file.display())))?;
            client = client.with_password(password.trim_end());
        }
        for (name, value) in SETTINGS {
            client = client.with_setting(name, value);
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = Some(runtime.map_err(|error| StoreError::Unavailable(error.to_string()))?);
        Ok(Self { runtime, client, settings, counts_days: config.retention.counts_days, is_ready: false })
    }

    /// Makes the tables that are missing, once.
    pub(super) fn prepare(&mut self) -> Result<(), StoreError> {
        if !self.is_ready {
            for statement in schema::statements(&self.settings, self.counts_days) {
                self.execute(&statement)?;
            }
            self.is_ready = true;
        }
        Ok(())
    }

    /// Runs a statement.
    pub(super) fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.wait(self.settings.timeout(), self.client.query(sql).execute())
    }

    /// Changes rows, and waits until that is done in all parts.
    pub(super) fn change(&self, table: &str, change: &str) -> Result<(), StoreError> {
        let sql = format!("ALTER TABLE {} {change}", schema::stored(&self.settings, table));
        self.wait(FOR_MILLIONS, self.client.query(&sql).execute())
    }

    /// All rows of an answer.
    pub(super) fn all<T: RowOwned + RowRead>(&self, sql: &str, texts: &[&str]) -> Result<Vec<T>, StoreError> {
        self.wait(self.settings.timeout(), bound(self.client.query(sql), texts).fetch_all())
    }

    /// One number.
    pub(super) fn number(&self, sql: &str, texts: &[&str]) -> Result<u64, StoreError> {
        Ok(self.all::<u64>(sql, texts)?.first().copied().unwrap_or_default())
    }

    /// Hands over the rows of an answer one by one, however many.
    pub(super) fn each<T: RowOwned + RowRead>(
        &self,
        sql: &str,
        texts: &[&str],
        each: &mut dyn FnMut(T),
    ) -> Result<(), StoreError> {
        let query = bound(self.client.query(sql), texts);
        let mut cursor = query.fetch::<T>().map_err(|error| from_engine(&error))?;
        loop {
            match self.wait(FOR_MILLIONS, cursor.next())? {
                Some(row) => each(row),
                None => return Ok(()),
            }
        }
    }

    /// Inserts rows, as one; after an error nobody knows whether they are there.
    pub(super) fn insert<T: Row + RowWrite>(&self, table: &str, rows: &[T::Value<'_>]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.wait(self.settings.timeout(), async {
            let mut insert = self.client.insert::<T>(table).await?;
            for row in rows {
                insert.write(row).await?;
            }
            insert.end().await
        })
    }

    fn wait<T>(&self, time: Duration, what: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        let Some(runtime) = &self.runtime else { return Err(StoreError::Away("it ends".to_owned())) };
        let _inside = runtime.enter();
        match runtime.block_on(async { tokio::time::timeout(time, what).await }) {
            Ok(result) => result.map_err(|error| from_engine(&error)),
            Err(_) => Err(StoreError::Away(format!("no answer within {} s", time.as_secs()))),
        }
    }
}

/// A collector that cannot start drops it on a thread that serves, and such a one may not wait for what runs in here.
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn bound(query: clickhouse::query::Query, texts: &[&str]) -> clickhouse::query::Query {
    texts.iter().fold(query, |query, text| query.bind(*text))
}

/// What an error of the engine means. Its own words may quote values, so of them only the number and the name of the error are told.
fn from_engine(error: &Error) -> StoreError {
    StoreError::Away(match error {
        Error::BadResponse(text) => told(text),
        Error::Network(_) => "no connection".to_owned(),
        Error::TimedOut => "no answer in time".to_owned(),
        Error::Unsupported(_) | Error::InvalidParams(_) => "`clickhouse.url` cannot be asked".to_owned(),
        _ => "its answer cannot be read".to_owned(),
    })
}

/// `Code: 60. DB::Exception: … (UNKNOWN_TABLE)` as `UNKNOWN_TABLE (60)`.
fn told(text: &str) -> String {
    let code: String =
        text.split("Code: ").nth(1).unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    let is_name = |word: &&str| {
        !word.is_empty() && word.chars().all(|char| char.is_ascii_uppercase() || "_0123456789".contains(char))
    };
    let name = text.split(['(', ')']).rfind(is_name).unwrap_or("an error");
    if code.is_empty() { format!("it answers {name}") } else { format!("it answers {name} ({code})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_error_its_name_and_number_are_told_and_no_value() {
        let text = "Code: 27. DB::Exception: Cannot parse input: expected 'secret' (at row 1)\n (CANNOT_PARSE_INPUT) (version 26.9.2.1)";
        assert_eq!(told(text), "it answers CANNOT_PARSE_INPUT (27)");
        assert_eq!(told("<html>a proxy</html>"), "it answers an error");
    }
}
