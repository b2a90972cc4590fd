//! With the real engine, which `scripts/clickhouse-check` starts: `TELEMETRY_CLICKHOUSE` is its address, `TELEMETRY_CLICKHOUSE_DATA` its folder.

use std::{env, fs, path::PathBuf, time::Duration};

use super::*;
use crate::store::{
    Read,
    suite::{self, Engine as Tested},
};

/// A collector with an engine of its own, which has everything as soon as it is written.
struct Settled {
    store: ClickHouse,
    drain: Drain,
}

struct InEngine {
    _folder: tempfile::TempDir,
    store: Option<Settled>,
    config: Config,
}

/// A configuration for a database of its own.
pub(super) fn fresh(folder: &Path) -> Config {
    let mut config = config(&env::var("TELEMETRY_CLICKHOUSE").expect("scripts/clickhouse-check sets it"), folder);
    let mut drawn = [0; 8];
    getrandom::fill(&mut drawn).unwrap();
    config.clickhouse.database = format!("t{}", u64::from_ne_bytes(drawn));
    config.clickhouse.insert_events = 50_000;
    config.clickhouse.timeout_seconds = 60;
    config.clickhouse.leaves_no_bytes = true;
    config
}

impl Settled {
    fn open(config: &Config) -> Self {
        let store = open(config);
        let drain = store.drain(config).unwrap();
        Self { store, drain }
    }

    /// Waits until parts that no row is in any more have left the disk.
    fn wait_for_bytes(&self) {
        let old = "SELECT count() FROM system.parts WHERE database = currentDatabase() AND NOT active";
        for _ in 0..300 {
            if self.store.engine.number(old, &[]).unwrap() == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("old parts stay");
    }
}

impl Store for Settled {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Written>, StoreError> {
        let written = self.store.write(batches)?;
        settle(&mut self.store, &mut self.drain);
        Ok(written)
    }

    fn expire(&mut self, keep: &Keep, slice: u32) -> Result<bool, StoreError> {
        let is_more = self.store.expire(keep, slice)?;
        Ok(retain::expire(&self.store.engine, keep)? || is_more)
    }

    fn erase(&mut self, what: &Erase) -> Result<Erased, StoreError> {
        let erased = self.store.erase(what)?;
        settle(&mut self.store, &mut self.drain);
        self.wait_for_bytes();
        Ok(erased)
    }

    fn forget(&mut self, forgets: &[Forget]) -> Result<Vec<u64>, StoreError> {
        self.store.forget(forgets)
    }

    fn clean(&mut self) -> Result<bool, StoreError> {
        delete::purge(&self.store.engine)?;
        self.wait_for_bytes();
        self.store.clean()
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.store.probe()
    }
}

impl InEngine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = fresh(folder.path());
        let store = Some(Settled::open(&config));
        Self { _folder: folder, store, config }
    }
}

impl Tested for InEngine {
    fn store(&mut self) -> &mut dyn Store {
        self.store.as_mut().unwrap()
    }

    fn read(&self) -> Box<dyn Read> {
        Box::new(Reader::open(&self.config).unwrap())
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Settled::open(&self.config));
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let engine = &self.store.as_ref().unwrap().store.engine;
        let folders: Vec<String> = engine
            .all("SELECT arrayJoin(data_paths) FROM system.tables WHERE database = currentDatabase()", &[])
            .unwrap();
        let mut left: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        assert!(!left.is_empty() && left.iter().all(|path| path.is_absolute()));
        left.push(self.config.server.data.clone());
        while let Some(path) = left.pop() {
            // The engine merges meanwhile.
            let Ok(entries) = fs::read_dir(path) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() { left.push(path) } else { bytes.extend(fs::read(path).unwrap_or_default()) }
            }
        }
        bytes
    }

    fn keeps_installations(&self) -> bool {
        false
    }
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_does_what_every_engine_does() {
    suite::check(&|| Box::new(InEngine::new()));
}

#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_answers_as_every_engine_does() {
    crate::answers::suite::check(&|| Box::new(InEngine::new()));
}

/// Statements for a cluster cannot be run by one server. It reads them, and would tell what it does not know.
#[test]
#[ignore = "needs the engine: scripts/clickhouse-check"]
fn it_reads_the_tables_of_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let config = fresh(folder.path());
    let engine = Engine::new(&config).unwrap();
    let cluster = Clickhouse { cluster: Some("main".to_owned()), ..config.clickhouse.clone() };
    for statement in schema::statements(&cluster, 1830) {
        let text = statement.replace('?', "??").replace('\\', "\\\\").replace('\'', "\\'");
        let told: Vec<String> = engine.all(&format!("SELECT formatQuery('{text}')"), &[]).unwrap();
        assert!(told[0].contains("ON CLUSTER"), "{told:?}");
    }
    let broken: Result<Vec<String>, _> = engine.all("SELECT formatQuery('CREATE TABLE x ON CLUSTER (a Int)')", &[]);
    assert!(broken.is_err(), "it reads anything");
}
