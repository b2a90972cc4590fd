//! The store in one file: SQLite in WAL mode, every commit on disk before it is answered.
//!
//! A row is a distinct event of a day, with how often it came. So equal events cost nothing, and the order of rows is that of
//! their contents: it does not tell which of them arrived together. Ids and keys lie in a table of their own and lead to no row.

mod expire;
mod ids;
mod installation;
mod keep;
mod names;
mod open;
pub mod outbox;
mod read;
mod schema;
mod write;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

pub use keep::{backup, check};
pub use open::Opened;
pub use read::Reader;

use self::{
    ids::Ids,
    names::Names,
    write::{Destination, Sums},
};
use super::{Batch, Erase, Erased, Forget, Keep, Store, StoreError, Written};

/// The name of the file in the data folder.
pub const FILE_NAME: &str = "collector.sqlite";

/// The writing side.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    names: Names,
    ids: Ids,
    ids_walk: expire::IdsWalk,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the store in the data folder `data`, makes it where there is none, and brings it to the schema of this program.
    /// A damaged one is set aside under another name, which the answer tells.
    ///
    /// # Errors
    ///
    /// [`StoreError::Later`], and whatever keeps it from being opened.
    pub fn open(data: &Path) -> Result<Opened, StoreError> {
        open::open(data)
    }

    /// Opens a store that is there, beside a collector that may use it. Nothing is set aside.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub fn open_existing(data: &Path) -> Result<Self, StoreError> {
        open::open_existing(data)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Sqlite {
    fn write_to<'a, P: Destination<'a>>(
        &mut self,
        batches: &'a [Batch],
        destination: P,
    ) -> Result<Vec<Written>, StoreError> {
        let written = write::write(&mut self.connection, &mut self.names, &mut self.ids, batches, destination);
        if written.is_err() {
            // Names that were given a number in the transaction have lost it, and its ids are not known.
            self.names.forget();
            self.ids.forget();
        }
        written.map_err(from_sqlite)
    }
}

impl Store for Sqlite {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Written>, StoreError> {
        self.write_to(batches, Sums::default())
    }

    fn expire(&mut self, keep: &Keep, slice: u32) -> Result<bool, StoreError> {
        expire::expire(&mut self.connection, &mut self.ids, &mut self.ids_walk, keep, slice).map_err(from_sqlite)
    }

    fn erase(&mut self, what: &Erase) -> Result<Erased, StoreError> {
        self.names.forget();
        self.ids.forget();
        expire::erase(&mut self.connection, what).map_err(from_sqlite)
    }

    fn forget(&mut self, forgets: &[Forget]) -> Result<Vec<u64>, StoreError> {
        installation::forget(&mut self.connection, forgets).map_err(from_sqlite)
    }

    fn clean(&mut self) -> Result<bool, StoreError> {
        expire::clean(&self.connection).map_err(from_sqlite)
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        // Writes the number that is there already: a commit of one page, which needs all that a commit needs.
        let probe = || {
            let version = schema::version(&self.connection)?;
            self.connection.pragma_update(None, "user_version", version)
        };
        probe().map_err(from_sqlite)
    }
}

/// What an error of SQLite means for whoever waits. Values of statements are in none of the messages.
fn from_sqlite(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
