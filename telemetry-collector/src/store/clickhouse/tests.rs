//! What needs no engine: an engine that breaks off after each of its answers stands for it. The tests with the real one are in `tests/real.rs`, and
//! `scripts/clickhouse-check` runs them.

mod fake;
mod real;

use std::{collections::BTreeMap, path::Path, sync::atomic::Ordering};

use self::fake::{Fake, Fault};
use super::*;
use crate::{
    config::Clickhouse,
    store::{
        Event,
        suite::{batch, event},
    },
};

fn config(url: &str, data: &Path) -> Config {
    let mut config = Config::default();
    config.server.data = data.to_owned();
    config.clickhouse.url = url.to_owned();
    config.clickhouse.insert_events = 40;
    config.clickhouse.timeout_seconds = 5;
    config
}

fn open(config: &Config) -> ClickHouse {
    ClickHouse::new(config, Sqlite::open(&config.server.data).unwrap().store).unwrap()
}

/// Sends all that waits, from the beginning, as a process that has just been started does.
fn send_all(store: &mut ClickHouse, config: &Config) {
    let mut drain = store.drain(config).unwrap();
    settle(store, &mut drain);
}

fn settle(store: &mut ClickHouse, drain: &mut Drain) {
    for _ in 0..200 {
        let is_more = drain.step().unwrap();
        if !is_more && drain.waits_for_nothing() {
            while store.outbox.settle(&store.shared.progress).unwrap() {}
            return;
        }
    }
    panic!("it never ends");
}

#[test]
fn s13_a_kill_and_a_lost_answer_at_every_step_store_each_event_once() {
    for fault in [Fault::NotHeard, Fault::NotAnswered, Fault::Refused] {
        // Behind the statements that make the tables.
        let tables = schema::TABLES.len() + schema::OF_ONE_SERVER.len();
        let mut step = tables;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let fake = Fake::start();
            let config = config(&fake.url, folder.path());
            let mut store = open(&config);
            let events: Vec<Event> = (0..60).map(event).collect();
            assert_eq!(store.write(&[batch("a", events.clone())]).unwrap()[0].accepted, 60);
            fake.fail_at(step, fault);
            // The process dies with the one that sends: what it knew of its way is gone.
            let mut drain = store.drain(&config).unwrap();
            let broke_off = (0..4).any(|_| drain.step().is_err());
            drop((drain, store));
            fake.mend();
            let mut store = open(&config);
            assert_eq!(store.write(&[batch("a", events)]).unwrap()[0].duplicate, 60, "ids are known");
            send_all(&mut store, &config);
            assert_eq!(fake.keys(), 60, "{fault:?} at {step}");
            let outcomes = BTreeMap::from([("accepted".to_owned(), 60), ("duplicate".to_owned(), 60)]);
            assert_eq!(fake.outcomes(), outcomes, "{fault:?} at {step}");
            // What the engine has is deleted from the outbox.
            assert_eq!(store.shared.progress.unsent(), 0);
            assert_eq!(store.shared.progress.bytes.load(Ordering::Relaxed), 0);
            if !broke_off {
                assert!(step > tables + 3, "nothing was broken off");
                break;
            }
            step += 1;
        }
    }
}

#[test]
fn s13_a_full_outbox_takes_nothing_until_the_engine_has_taken_some() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::start();
    let mut config = config(&fake.url, folder.path());
    config.clickhouse.outbox_mib = 1;
    config.clickhouse.insert_events = 10_000;
    let mut store = open(&config);
    let mut accepted = 0;
    let why = loop {
        let events = (accepted..accepted + 100).map(event).collect();
        match store.write(&[batch("a", events)]) {
            Ok(written) => accepted += written[0].accepted,
            Err(why) => break why,
        }
    };
    // Clients are told to come again, as they are when a disk is full.
    assert!(matches!(why, StoreError::Unavailable(_)), "{why}");
    assert!(store.probe().is_err());
    let bytes = store.shared.progress.bytes.load(Ordering::Relaxed);
    assert!((config.clickhouse.full_at()..1 << 20).contains(&bytes), "{bytes}");
    // Another start finds it as full.
    drop(store);
    let mut store = open(&config);
    assert!(store.probe().is_err());
    send_all(&mut store, &config);
    store.probe().unwrap();
    assert_eq!(store.write(&[batch("a", vec![event(accepted)])]).unwrap()[0].accepted, 1);
    send_all(&mut store, &config);
    assert_eq!(fake.keys() as u64, accepted + 1);
}

#[test]
fn what_waits_is_counted_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::start();
    let config = config(&fake.url, folder.path());
    let mut store = open(&config);
    let figures = |store: &ClickHouse| {
        let progress = &store.shared.progress;
        (progress.unsent(), progress.bytes.load(Ordering::Relaxed))
    };
    // Its texts have more bytes than letters.
    let wide = |number| Event { payload: r#"{"text":"äöü"}"#.to_owned(), ..event(number) };
    store.write(&[batch("a", (0..10).map(wide).collect())]).unwrap();
    send_all(&mut store, &config);
    assert_eq!(figures(&store), (0, 0));
    store.write(&[batch("a", (10..15).map(wide).collect())]).unwrap();
    let waiting = figures(&store);
    assert_eq!(waiting.0, 5);
    // After a start too, what was sent before it does not wait.
    drop(store);
    let mut store = open(&config);
    assert_eq!(figures(&store), waiting);
    // Nor does what was deleted while it waited.
    let installation = [0xa2; 16];
    store.write(&[batch("a", vec![Event { installation: Some(installation), ..wide(16) }])]).unwrap();
    store.forget(&[Forget { sdk: "a".into(), installation, received: crate::clock::Day(20_779) }]).unwrap();
    assert_eq!(figures(&store).1, waiting.1);
}

#[tokio::test]
async fn a_collector_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config("http://127.0.0.1:9", folder.path());
    config.store = crate::config::Engine::Clickhouse;
    config.clickhouse.password_file = Some(folder.path().join("password"));
    let start = |config: &Config| crate::serve::Collector::start(config.clone(), crate::clock::Clock::system());
    let failure = start(&config).await.err().unwrap();
    assert!(failure.message.contains("cannot read") && failure.message.contains("password"), "{failure:?}");
    // The same where something is wrong beside the store, which is open by then.
    config.clickhouse.password_file = None;
    std::fs::create_dir_all(folder.path().join("sdks")).unwrap();
    std::fs::write(folder.path().join("sdks/a.json"), "{").unwrap();
    let failure = start(&config).await.err().unwrap();
    assert!(failure.message.contains("a.json"), "{failure:?}");
}

#[test]
fn two_collectors_give_an_event_one_key() {
    let fake = Fake::start();
    let without_id = |number| Event { id: None, ..event(number) };
    let keyed = Batch { key: Some([7; 16]), ..batch("a", vec![without_id(1), without_id(1)]) };
    let unknown = batch("a", vec![without_id(1)]);
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&fake.url, folder.path());
        let mut store = open(&config);
        store.write(&[batch("a", vec![event(1), event(2)]), keyed.clone(), unknown.clone()]).unwrap();
        send_all(&mut store, &config);
    }
    // Two by their ids, two by their places in a batch with a key; what has neither is told apart by nothing, and counts twice.
    assert_eq!(fake.keys(), 2 + 2 + 2);
}

#[test]
fn an_installation_that_is_deleted_leaves_the_outbox_and_an_engine_that_is_away_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::start();
    let config = config(&fake.url, folder.path());
    let mut store = open(&config);
    let installation = [0xa1; 16];
    let theirs = Event { installation: Some(installation), ..event(1) };
    store.write(&[batch("a", vec![theirs.clone(), event(2)])]).unwrap();
    let forget = Forget { sdk: "a".into(), installation, received: crate::clock::Day(20_779) };
    store.shared.state().failure = Some("no connection".to_owned());
    assert!(matches!(store.forget(std::slice::from_ref(&forget)), Err(StoreError::Away(_))));
    store.shared.state().failure = None;
    assert_eq!(store.forget(&[forget]).unwrap(), [1]);
    assert_eq!(store.write(&[batch("a", vec![Event { id: Some([9; 16]), ..theirs }])]).unwrap()[0].deleted, 1);
    send_all(&mut store, &config);
    assert_eq!(fake.keys(), 1);
}

#[test]
fn a_collector_that_begins_erases_nothing_of_what_was_erased_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::start();
    let config = config(&fake.url, folder.path());
    let mut store = open(&config);
    let what = |id: u8| Erasure {
        id: [id; 16],
        sdk: Some(crate::store::sqlite::outbox::name_hash("a")),
        before: None,
        instance: None,
    };
    fake.announce(&what(1));
    store.write(&[batch("a", vec![event(1)])]).unwrap();
    send_all(&mut store, &config);
    assert_eq!(fake.keys(), 1);
    // What is erased elsewhere later is gone here too, from what waits: once.
    store.write(&[batch("a", vec![event(2)]), batch("b", vec![event(3)])]).unwrap();
    fake.announce(&what(2));
    send_all(&mut store, &config);
    assert_eq!(fake.keys(), 2);
    store.write(&[batch("a", vec![event(4)])]).unwrap();
    drop(store);
    let mut store = open(&config);
    send_all(&mut store, &config);
    assert_eq!(fake.keys(), 3);
}
