//! The store beyond one machine: ClickHouse, and in the data folder of each collector an outbox. A request is answered when it is in the outbox; a thread of its own
//! brings that into the engine, which may be away for hours.
//!
//! Exactly once is how it is asked, not how it is sent: an event has the same key from whichever collector and however often it comes, and an answer has one row
//! for each key.

mod counted;
mod delete;
mod drain;
mod engine;
mod read;
mod retain;
mod rows;
mod schema;
mod shared;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use self::{drain::Drain, engine::Engine};
pub(crate) use self::{read::Reader, shared::Shared};
use super::{
    Batch, Erase, Erased, Forget, Keep, Store, StoreError, Written,
    sqlite::{
        Sqlite,
        outbox::{Erasure, Outbox},
    },
};
use crate::config::Config;

/// How long the thread that sends may take to end; what it has not sent waits for the next start.
const TO_END: Duration = Duration::from_secs(3);

/// The writing side.
pub(crate) struct ClickHouse {
    outbox: Outbox,
    shared: Arc<Shared>,
    engine: Engine,
    sends: Option<thread::JoinHandle<()>>,
}

impl ClickHouse {
    /// Makes the store of a data folder an outbox. The engine need not be there.
    pub(crate) fn new(config: &Config, store: Sqlite) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared::default());
        let outbox = Outbox::new(store, config.clickhouse.full_at(), &shared.progress)?;
        Ok(Self { outbox, shared, engine: Engine::new(config)?, sends: None })
    }

    /// Begins to send.
    pub(crate) fn start(&mut self, config: &Config) -> Result<(), StoreError> {
        let drain = self.drain(config)?;
        let start = thread::Builder::new().name("clickhouse".to_owned()).spawn(move || drain.run());
        self.sends = Some(start.map_err(|error| StoreError::Unavailable(error.to_string()))?);
        Ok(())
    }

    fn drain(&self, config: &Config) -> Result<Drain, StoreError> {
        Drain::new(config, Arc::clone(&self.shared))
    }

    /// What others may know of it.
    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}

impl Store for ClickHouse {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Written>, StoreError> {
        self.outbox.write(batches, &self.shared.progress)
    }

    fn expire(&mut self, keep: &Keep, slice: u32) -> Result<bool, StoreError> {
        self.shared.state().keep = Some(*keep);
        let is_more = self.outbox.settle(&self.shared.progress)?;
        Ok(self.outbox.store().expire(keep, slice)? || is_more)
    }

    /// All collectors are told. The engine and the outbox of this one are without it when this returns; those of others as soon as they have asked the engine.
    fn erase(&mut self, what: &Erase) -> Result<Erased, StoreError> {
        self.engine.prepare()?;
        let erasure = Erasure::of(what)?;
        delete::announce(&self.engine, &erasure)?;
        self.outbox.erase(&erasure, &self.shared.progress)?;
        // A collector that runs on this folder learns of it as the others do. What waits was in no answer yet, and is not counted: it may have been sent.
        delete::erase(&self.engine, &erasure)
    }

    fn forget(&mut self, forgets: &[Forget]) -> Result<Vec<u64>, StoreError> {
        // Who has to be answered now is not kept waiting for an engine that is away.
        if let Some(why) = &self.shared.state().failure {
            return Err(StoreError::Away(why.clone()));
        }
        self.engine.prepare()?;
        // What is sent from here on is in no answer.
        let stored = delete::forget(&self.engine, forgets)?;
        let waiting = self.outbox.forget(forgets, &self.shared.progress)?;
        self.shared.state().purge = true;
        Ok(stored.iter().zip(waiting).map(|(stored, waiting)| stored + waiting).collect())
    }

    fn clean(&mut self) -> Result<bool, StoreError> {
        self.outbox.store().clean()
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.outbox.probe(&self.shared.progress)
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        self.shared.state().is_ending = true;
        self.shared.wake();
        let end = Instant::now() + TO_END;
        while let Some(sends) = self.sends.take() {
            if sends.is_finished() {
                let _ = sends.join();
            } else if Instant::now() < end {
                thread::sleep(Duration::from_millis(10));
                self.sends = Some(sends);
            }
        }
    }
}
