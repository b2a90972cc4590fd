use std::fs;

use super::*;
use crate::{
    clock::Day,
    store::{
        Days, Event, Read,
        suite::{self, Engine, batch, event},
    },
};

struct InFolder {
    folder: tempfile::TempDir,
    store: Option<Sqlite>,
}

impl InFolder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Some(Sqlite::open(folder.path()).unwrap().store);
        Self { folder, store }
    }
}

impl Engine for InFolder {
    fn store(&mut self) -> &mut dyn Store {
        self.store.as_mut().unwrap()
    }

    fn read(&self) -> Box<dyn Read> {
        Box::new(Reader::open(self.folder.path()).unwrap())
    }

    fn reopen(&mut self) {
        self.store = None;
        let opened = Sqlite::open(self.folder.path()).unwrap();
        assert!(opened.set_aside.is_none());
        self.store = Some(opened.store);
    }

    fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

#[test]
fn it_does_what_every_engine_does() {
    suite::check(&|| Box::new(InFolder::new()));
}

#[test]
fn it_answers_as_every_engine_does() {
    crate::answers::suite::check(&|| Box::new(InFolder::new()));
}

#[test]
fn each_commit_is_synced_and_deleted_bytes_are_overwritten() {
    let engine = InFolder::new();
    let pragma = |name: &str| -> String {
        let connection = &engine.store.as_ref().unwrap().connection;
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("secure_delete"), "Integer(1)");
    assert_eq!(pragma("auto_vacuum"), "Integer(2)");
}

#[test]
fn damaged_files_are_set_aside_and_a_new_store_begins() {
    let fill = |folder: &Path| {
        let mut store = Sqlite::open(folder).unwrap().store;
        let events =
            (0..2000).map(|number| Event { payload: format!("{{\"n\":{number}}}"), ..event(number) }).collect();
        store.write(&[batch("a", events)]).unwrap();
    };
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 5] = [
        ("garbage", |bytes| bytes.fill(b'x')),
        ("half of it", |bytes| bytes.truncate(bytes.len() / 2)),
        ("a page of zeros", |bytes| bytes[8192..12_288].fill(0)),
        ("its head", |bytes| bytes[..100].fill(0)),
        ("one byte", |bytes| bytes[4096 * 3] ^= 0xff),
    ];
    for (name, damage) in damages {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let file = folder.path().join(FILE_NAME);
        let mut bytes = fs::read(&file).unwrap();
        assert!(bytes.len() > 100_000, "{}", bytes.len());
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        let opened = Sqlite::open(folder.path()).unwrap();
        let (aside, why) = opened.set_aside.unwrap_or_else(|| panic!("{name} was not seen"));
        assert!(fs::read(&aside).unwrap() == bytes, "{name}: what is set aside is what was there");
        assert!(!why.is_empty());
        let mut store = opened.store;
        assert_eq!(store.write(&[batch("a", vec![event(1)])]).unwrap()[0].accepted, 1);
    }
}

#[test]
fn a_store_of_a_later_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(folder.path().join(FILE_NAME)).unwrap();
    assert!(matches!(Sqlite::open(folder.path()), Err(StoreError::Later { found: 99, .. })));
    assert!(fs::read(folder.path().join(FILE_NAME)).unwrap() == before, "it was changed");
}

#[test]
fn a_step_of_a_migration_is_done_or_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = Connection::open(folder.path().join("x")).unwrap();
    schema::migrate(&mut connection, &schema::STEPS[..1]).unwrap();
    assert_eq!(schema::version(&connection).unwrap(), 1);
    // A step that fails in its middle leaves nothing, and the steps before it stay.
    let steps = [
        schema::STEPS[0],
        "CREATE TABLE second (a); INSERT INTO second VALUES (1)",
        "CREATE TABLE third (a); CREATE TABLE third (a)",
    ];
    assert!(schema::migrate(&mut connection, &steps).is_err());
    assert_eq!(schema::version(&connection).unwrap(), 2);
    let tables = |connection: &Connection, name: &str| -> i64 {
        connection.query_row("SELECT count(*) FROM sqlite_master WHERE name = ?1", [name], |row| row.get(0)).unwrap()
    };
    assert_eq!((tables(&connection, "second"), tables(&connection, "third")), (1, 0));
    let repaired = [steps[0], steps[1], "CREATE TABLE third (a)"];
    schema::migrate(&mut connection, &repaired).unwrap();
    assert_eq!((schema::version(&connection).unwrap(), tables(&connection, "third")), (3, 1));
}

#[test]
fn a_store_that_another_process_holds_is_unavailable_and_then_works() {
    let mut engine = InFolder::new();
    let other = Connection::open(engine.folder.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(engine.store().write(&[batch("a", vec![event(1)])]), Err(StoreError::Unavailable(_))));
    assert!(matches!(engine.store().probe(), Err(StoreError::Unavailable(_))));
    other.execute_batch("ROLLBACK").unwrap();
    engine.store().probe().unwrap();
    assert_eq!(engine.store().write(&[batch("a", vec![event(1)])]).unwrap()[0].accepted, 1);
}

#[test]
fn a_full_file_is_full_and_keeps_nothing_of_the_group() {
    let mut engine = InFolder::new();
    engine.store().write(&[batch("a", vec![event(0)])]).unwrap();
    let limit = |engine: &InFolder, pages: &str| {
        let connection = &engine.store.as_ref().unwrap().connection;
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    limit(&engine, "1");
    let events = (1..5000).map(|number| Event { payload: format!("{{\"n\":{number}}}"), ..event(number) }).collect();
    let big = batch("a", events);
    assert!(matches!(engine.store.as_mut().unwrap().write(std::slice::from_ref(&big)), Err(StoreError::Full)));
    let n: u64 = engine.read().counts("a", Days::ALL).unwrap().iter().map(|count| count.n).sum();
    assert_eq!(n, 1);
    limit(&engine, "1000000");
    assert_eq!(engine.store().write(&[big]).unwrap()[0].accepted, 4999);
}

#[test]
fn names_survive_an_erasure_by_another_process() {
    let mut engine = InFolder::new();
    let mut other = Sqlite::open(engine.folder.path()).unwrap().store;
    engine.store().write(&[batch("a", vec![event(1)]), batch("b", vec![event(1)])]).unwrap();
    other.erase(&Erase { sdk: Some("a".to_owned()), before: None, instance: None }).unwrap();
    engine.store().write(&[batch("a", vec![event(2)])]).unwrap();
    let mut rows = Vec::new();
    engine.read().rows(None, Days::ALL, &mut |row| rows.push((row.sdk, row.event, row.version))).unwrap();
    let row = |sdk: &str| (sdk.to_owned(), "DIALOG_OPENED".to_owned(), "1.0.0".to_owned());
    rows.sort();
    assert_eq!(rows, [row("a"), row("b")]);
}

#[test]
fn ids_are_known_before_while_and_after_they_settle_and_by_the_next_process() {
    let mut engine = InFolder::new();
    engine.store.as_mut().unwrap().ids.many = 4_000;
    let rows = |engine: &InFolder, table: &str| -> i64 {
        let connection = &engine.store.as_ref().unwrap().connection;
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let commit = |number: u64| batch("a", (number * 100..(number + 1) * 100).map(event).collect());
    let mut is_reopened = false;
    for number in 0..60 {
        assert_eq!(engine.store().write(&[commit(number)]).unwrap()[0].accepted, 100);
        let (seen, recent) = (rows(&engine, "seen"), rows(&engine, "recent"));
        assert!(seen == 0 || recent < 60, "{seen} {recent}");
        if !is_reopened && seen > 0 && recent > 0 {
            // In the middle of it, as after a kill; and with fewer, so that all settle again.
            is_reopened = true;
            engine.reopen();
            engine.store.as_mut().unwrap().ids.many = 100;
        }
        // What came long ago, and what came just now.
        for again in [number / 2, number] {
            assert_eq!(engine.store().write(&[commit(again)]).unwrap()[0].duplicate, 100, "{again} after {number}");
        }
    }
    assert!(is_reopened);
    for number in 0..60 {
        assert_eq!(engine.store().write(&[commit(number)]).unwrap()[0].duplicate, 100, "{number}");
    }
    assert_eq!((rows(&engine, "seen"), rows(&engine, "recent")), (6_000, 0));
}

#[test]
fn what_is_deleted_while_somebody_reads_is_gone_and_its_bytes_once_nobody_does() {
    let mut engine = InFolder::new();
    let installation = [0xa1; 16];
    engine.store().write(&[batch("a", vec![Event { installation: Some(installation), ..event(1) }])]).unwrap();
    let reading = Connection::open(engine.folder.path().join(FILE_NAME)).unwrap();
    let n = |reading: &Connection| reading.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0));
    reading.execute_batch("BEGIN").unwrap();
    assert_eq!(n(&reading).unwrap(), 1);
    let forget = Forget { sdk: "a".into(), installation, received: Day(20_779) };
    assert_eq!(engine.store().forget(&[forget]).unwrap(), [1]);
    assert!(!engine.store().clean().unwrap());
    engine.store().write(&[batch("a", Vec::new())]).unwrap();
    let is_there = |engine: &InFolder| engine.bytes().windows(16).any(|bytes| bytes == installation);
    assert!(is_there(&engine) && n(&reading).unwrap() == 1, "what is read is what was there");
    reading.execute_batch("COMMIT").unwrap();
    assert_eq!(n(&reading).unwrap(), 0);
    assert!(engine.store().clean().unwrap());
    assert!(!is_there(&engine));
}
