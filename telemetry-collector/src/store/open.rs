//! Which engine it is: the one place that asks the configuration.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use super::{
    Read, Store, StoreError,
    clickhouse::{self, ClickHouse, Shared},
    sqlite::{self, Sqlite},
};
use crate::config::{Config, Engine};

/// A store that is open for writing.
pub struct Opened {
    /// The store.
    pub store: Box<dyn Store>,
    /// Where a damaged file lies now, and what was wrong with it.
    pub set_aside: Option<(PathBuf, String)>,
    /// What waits for an engine beyond this machine, if there is one.
    pub outside: Option<Outside>,
}

/// What waits for an engine beyond this machine.
#[derive(Debug, Clone)]
pub struct Outside(Arc<Shared>);

impl Outside {
    /// Events that wait.
    pub fn events(&self) -> u64 {
        self.0.progress.unsent()
    }

    /// Bytes of the outbox, those included of what was sent and is not deleted yet.
    pub fn bytes(&self) -> u64 {
        self.0.progress.bytes.load(Ordering::Relaxed)
    }

    /// Why they are not sent now; `None` if they are.
    pub fn failure(&self) -> Option<String> {
        self.0.state().failure.clone()
    }
}

/// Opens the store that the configuration names, for the one collector of its data folder.
///
/// # Errors
///
/// [`StoreError`]
pub fn open(config: &Config) -> Result<Opened, StoreError> {
    let sqlite::Opened { store, set_aside } = Sqlite::open(&config.server.data)?;
    match config.store {
        Engine::Sqlite => Ok(Opened { store: Box::new(store), set_aside, outside: None }),
        Engine::Clickhouse => {
            let mut store = ClickHouse::new(config, store)?;
            store.start(config)?;
            let outside = Some(Outside(store.shared()));
            Ok(Opened { store: Box::new(store), set_aside, outside })
        }
    }
}

/// Opens it beside a collector that may use it.
///
/// # Errors
///
/// [`StoreError`]
pub fn open_existing(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    let store = Sqlite::open_existing(&config.server.data)?;
    Ok(match config.store {
        Engine::Sqlite => Box::new(store),
        Engine::Clickhouse => Box::new(ClickHouse::new(config, store)?),
    })
}

/// What answers, beside the one that writes.
///
/// # Errors
///
/// [`StoreError`]
pub fn reader(config: &Config) -> Result<Box<dyn Read>, StoreError> {
    Ok(match config.store {
        Engine::Sqlite => Box::new(sqlite::Reader::open(&config.server.data)?),
        Engine::Clickhouse => Box::new(clickhouse::Reader::open(config)?),
    })
}
