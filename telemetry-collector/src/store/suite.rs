//! What every engine has to do, as tests over the traits. An engine brings an [`Engine`] and calls [`check`], and the
//! `check` of `answers/suite.rs`.

use std::{collections::BTreeMap, sync::Arc};

use super::{Actor, Batch, Days, Erase, Event, Facet, Forget, Keep, Read, Row, Store, When, Written, outcome};
use crate::clock::Day;

/// The day of arrival.
const TODAY: Day = Day(20_779);

/// One engine with nothing in it, which can be opened again.
pub(crate) trait Engine {
    fn store(&mut self) -> &mut dyn Store;
    fn read(&self) -> Box<dyn Read>;
    /// Ends it and opens it again, with what it kept.
    fn reopen(&mut self);
    /// All bytes that it has on disk.
    fn bytes(&self) -> Vec<u8>;
    /// Whether it keeps ids of installations as they came, and not hashes of them.
    fn keeps_installations(&self) -> bool {
        true
    }
}

/// Runs every test, each with an engine of its own.
pub(crate) fn check(make: &dyn Fn() -> Box<dyn Engine>) {
    for test in [
        repeats_are_known_by_id,
        repeats_are_known_by_key,
        events_without_both_always_count,
        ids_of_one_sdk_are_not_those_of_another,
        counts_equal_the_rows,
        a_group_is_as_good_as_its_batches,
        what_was_written_is_there_after_reopening,
        days_that_cannot_be_are_outcomes_alone,
        what_is_over_its_days_goes_in_slices_and_the_rest_stays,
        ids_outlive_their_rows,
        erasing_an_sdk_leaves_no_byte,
        erasing_before_a_day_leaves_the_rest,
        erasing_an_instance_leaves_the_counts,
        strangers_cannot_fill_the_names,
        what_came_with_an_id_goes_and_nothing_else,
        an_id_leads_to_its_rows_for_as_long_as_they_stay,
    ] {
        test(&mut *make());
    }
}

pub(crate) fn event(number: u64) -> Event {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    Event {
        id: Some(id),
        when: When::On(TODAY),
        name: "DIALOG_OPENED".to_owned(),
        discriminant: None,
        version: "1.0.0".to_owned(),
        is_version_known: true,
        wrapper: (String::new(), String::new()),
        instance: None,
        installation: None,
        rate: 1_000_000,
        actor: Actor::Human,
        is_ephemeral: Some(false),
        payload: "{\"on\":true}".to_owned(),
        facets: vec![Facet { path: "on".to_owned(), value: "true".to_owned(), sum: 0 }],
    }
}

pub(crate) fn batch(sdk: &str, events: Vec<Event>) -> Batch {
    Batch { sdk: Arc::from(sdk), received: TODAY, key: None, is_dated: true, events, outcomes: Vec::new() }
}

fn write(engine: &mut dyn Engine, batch: Batch) -> (u64, u64) {
    let written = engine.store().write(&[batch]).unwrap();
    (written[0].accepted, written[0].duplicate)
}

fn rows(engine: &dyn Engine) -> Vec<Row> {
    let mut rows = Vec::new();
    engine.read().rows(None, Days::ALL, &mut |row| rows.push(row)).unwrap();
    rows
}

fn stored(engine: &dyn Engine) -> u64 {
    rows(engine).iter().map(|row| row.n).sum()
}

fn outcomes(engine: &dyn Engine, sdk: &str) -> BTreeMap<String, u64> {
    let outcomes = engine.read().outcomes(sdk, Days::ALL).unwrap();
    outcomes.into_iter().map(|outcome| (outcome.word, outcome.n)).collect()
}

fn repeats_are_known_by_id(engine: &mut dyn Engine) {
    assert_eq!(write(engine, batch("a", vec![event(1), event(2), event(1)])), (2, 1));
    assert_eq!(write(engine, batch("a", vec![event(2), event(3)])), (1, 1));
    let mut other = event(3);
    other.payload = "{\"on\":false}".to_owned();
    assert_eq!(write(engine, batch("a", vec![other])), (0, 1), "the same id with other contents");
    assert_eq!(stored(engine), 3);
    assert_eq!(outcomes(engine, "a"), BTreeMap::from([("accepted".to_owned(), 3), ("duplicate".to_owned(), 3)]));
}

fn without_id(mut event: Event) -> Event {
    event.id = None;
    event
}

fn repeats_are_known_by_key(engine: &mut dyn Engine) {
    let keyed =
        |key: u8| Batch { key: Some([key; 16]), ..batch("a", vec![without_id(event(1)), without_id(event(1))]) };
    assert_eq!(write(engine, keyed(1)), (2, 0));
    assert_eq!(write(engine, keyed(1)), (0, 2));
    assert_eq!(write(engine, keyed(2)), (2, 0));
    assert_eq!(stored(engine), 4);
    // Counts that come without events do not take the key.
    let counts = Batch { events: Vec::new(), outcomes: vec![("bad_json", 1)], ..keyed(3) };
    assert_eq!(write(engine, counts), (0, 0));
    assert_eq!(write(engine, keyed(3)), (2, 0));
}

fn events_without_both_always_count(engine: &mut dyn Engine) {
    for _ in 0..3 {
        assert_eq!(write(engine, batch("a", vec![without_id(event(1))])), (1, 0));
    }
    assert_eq!(stored(engine), 3);
    assert_eq!(outcomes(engine, "a").get(outcome::WITHOUT_KEY), Some(&3));
}

fn ids_of_one_sdk_are_not_those_of_another(engine: &mut dyn Engine) {
    assert_eq!(write(engine, batch("a", vec![event(1)])), (1, 0));
    assert_eq!(write(engine, batch("b", vec![event(1)])), (1, 0));
    assert_eq!(engine.read().sdks().unwrap(), ["a", "b"]);
}

/// Events with everything that varies, some of them twice.
fn varied() -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..500_u64 {
        let mut event = event(number % 450);
        event.when = When::On(TODAY.plus(-i32::try_from(number % 3).unwrap()));
        event.discriminant = (number % 2 == 0).then(|| format!("Component{}", number % 4));
        event.version = format!("1.{}.0", number % 5);
        event.rate = if number % 7 == 0 { 100_000 } else { 1_000_000 };
        event.actor = Actor::ALL[(number % 5) as usize];
        event.is_ephemeral = [None, Some(false), Some(true)][(number % 3) as usize];
        event.wrapper = if number % 11 == 0 { ("next".to_owned(), "15.0.0".to_owned()) } else { Default::default() };
        event.instance = (number % 13 == 0).then(|| format!("pk_test_{number}"));
        event.payload = format!("{{\"n\":{}}}", number % 17);
        event.facets =
            vec![Facet { path: "n".to_owned(), value: (number % 17).to_string(), sum: (number % 17) as i64 }];
        events.push(event);
    }
    events
}

fn counts_equal_the_rows(engine: &mut dyn Engine) {
    for events in varied().chunks(37) {
        write(engine, batch("a", events.to_vec()));
    }
    let rows = rows(engine);
    assert_eq!(rows.iter().map(|row| row.n).sum::<u64>(), 450);
    let mut by_row = BTreeMap::new();
    let mut by_value = BTreeMap::new();
    let (mut by_actor, mut by_value_alone) = (BTreeMap::new(), BTreeMap::new());
    for row in &rows {
        let key = (row.day, row.event.clone(), row.discriminant.clone(), row.version.clone(), row.rate);
        *by_row.entry(key.clone()).or_insert(0) += row.n;
        *by_actor.entry((row.day, row.actor)).or_insert(0) += row.n;
        let number: i64 = row.payload.trim_matches(|char: char| !char.is_ascii_digit()).parse().unwrap();
        let alone = (row.event.clone(), row.discriminant.clone(), "n".to_owned(), number.to_string(), row.rate);
        *by_value_alone.entry(alone).or_insert(0) += row.n;
        let value = by_value.entry((key, number.to_string())).or_insert((0, 0));
        *value = (value.0 + row.n, value.1 + number * row.n as i64);
    }
    let counts = engine.read().counts("a", Days::ALL).unwrap();
    let by_count: BTreeMap<_, _> = counts
        .into_iter()
        .map(|count| ((count.day, count.event, count.discriminant, count.version, count.rate), count.n))
        .collect();
    assert_eq!(by_row, by_count);
    let actors = engine.read().actors("a", "DIALOG_OPENED", Days::ALL).unwrap();
    let actors: BTreeMap<_, _> = actors.into_iter().map(|count| ((count.day, count.actor), count.n)).collect();
    assert_eq!(by_actor, actors);
    let sums = engine.read().value_sums("a", Days::ALL).unwrap();
    let sums: BTreeMap<_, _> =
        sums.into_iter().map(|sum| ((sum.event, sum.discriminant, sum.path, sum.value, sum.rate), sum.n)).collect();
    assert_eq!(by_value_alone, sums);
    let values = engine.read().values("a", "DIALOG_OPENED", Days::ALL).unwrap();
    let values: BTreeMap<_, _> = values
        .into_iter()
        .map(|value| {
            assert_eq!(value.path, "n");
            (
                ((value.day, value.event, value.discriminant, value.version, value.rate), value.value),
                (value.n, value.sum),
            )
        })
        .collect();
    assert_eq!(by_value, values);
    assert!(engine.read().values("a", "DIALOG", Days::ALL).unwrap().is_empty(), "a part of a name is no name");
    assert!(engine.read().actors("a", "DIALOG", Days::ALL).unwrap().is_empty());
    let one = Days { from: TODAY, to: TODAY };
    assert!(engine.read().counts("a", one).unwrap().iter().all(|count| count.day == TODAY));
    let of_today = engine.read().values("a", "DIALOG_OPENED", one).unwrap();
    assert!(!of_today.is_empty() && of_today.iter().all(|value| value.day == TODAY));
    let of_today = of_today.iter().map(|value| value.n).sum::<u64>();
    assert_eq!(
        engine.read().actors("a", "DIALOG_OPENED", one).unwrap().iter().map(|count| count.n).sum::<u64>(),
        of_today
    );
    assert_eq!(engine.read().value_sums("a", one).unwrap().iter().map(|sum| sum.n).sum::<u64>(), of_today);
    assert!(engine.read().value_sums("b", Days::ALL).unwrap().is_empty());
    assert!(engine.read().counts("b", Days::ALL).unwrap().is_empty());
}

fn a_group_is_as_good_as_its_batches(engine: &mut dyn Engine) {
    let batches: Vec<_> = varied().chunks(37).map(|events| batch("a", events.to_vec())).collect();
    let written = engine.store().write(&batches).unwrap();
    assert_eq!(written.len(), batches.len());
    let sum = written.iter().fold(Written::default(), |sum, one| Written {
        deleted: sum.deleted + one.deleted,
        accepted: sum.accepted + one.accepted,
        duplicate: sum.duplicate + one.duplicate,
    });
    assert_eq!(sum, Written { accepted: 450, duplicate: 50, deleted: 0 });
    let again = engine.store().write(&batches).unwrap();
    assert!(again.iter().all(|written| written.accepted == 0));
    assert_eq!(stored(engine), 450);
}

fn what_was_written_is_there_after_reopening(engine: &mut dyn Engine) {
    write(engine, batch("a", varied()));
    let before = rows(engine);
    engine.reopen();
    assert_eq!(rows(engine), before);
    assert_eq!(write(engine, batch("a", varied())), (0, 500));
}

fn days_that_cannot_be_are_outcomes_alone(engine: &mut dyn Engine) {
    let (mut old, mut new) = (event(1), event(2));
    (old.when, new.when) = (When::TooOld, When::TooNew);
    assert_eq!(write(engine, batch("a", vec![old.clone(), new, event(3)])), (3, 0));
    assert_eq!(write(engine, batch("a", vec![old])), (0, 1));
    assert_eq!(stored(engine), 1);
    let outcomes = outcomes(engine, "a");
    assert_eq!((outcomes[outcome::TOO_OLD], outcomes[outcome::TOO_NEW], outcomes[outcome::ACCEPTED]), (1, 1, 3));
}

fn on(day: Day, number: u64) -> Event {
    Event { when: When::On(day), payload: format!("{{\"n\":{number}}}"), ..event(number) }
}

fn expire(engine: &mut dyn Engine, keep: &Keep, slice: u32) -> u32 {
    let mut slices = 0;
    while engine.store().expire(keep, slice).unwrap() {
        slices += 1;
        assert!(slices < 1000, "it never ends");
    }
    slices
}

fn what_is_over_its_days_goes_in_slices_and_the_rest_stays(engine: &mut dyn Engine) {
    let events = (0..100).map(|number| on(TODAY.plus(-(number as i32)), number)).collect();
    write(engine, batch("a", events));
    let keep = Keep { rows_from: TODAY.plus(-9), counts_from: TODAY.plus(-49), ids_from: TODAY.plus(-16) };
    assert!(expire(engine, &keep, 7) >= 90 / 7);
    assert_eq!(stored(engine), 10);
    assert!(rows(engine).iter().all(|row| row.day >= keep.rows_from));
    assert_eq!(engine.read().counts("a", Days::ALL).unwrap().len(), 50);
    assert_eq!(engine.read().values("a", "DIALOG_OPENED", Days::ALL).unwrap().len(), 50);
    assert_eq!(expire(engine, &keep, 1000), 0, "nothing is left to do");
    assert_eq!(stored(engine), 10);
}

fn ids_outlive_their_rows(engine: &mut dyn Engine) {
    let arrived =
        |days: i32| Batch { received: TODAY.plus(-days), ..batch("a", vec![on(TODAY.plus(-days), days as u64)]) };
    for days in 0..30 {
        write(engine, arrived(days));
    }
    let keep = Keep { rows_from: TODAY.plus(1), counts_from: TODAY.plus(1), ids_from: TODAY.plus(-16) };
    expire(engine, &keep, 4);
    assert_eq!(stored(engine), 0);
    let known = (0..30).filter(|days| write(engine, arrived(*days)) == (0, 1)).count();
    assert_eq!(known, 17, "the day itself and sixteen before");
    // The next day another one goes.
    let next = Keep { ids_from: TODAY.plus(-15), ..keep };
    expire(engine, &next, 4);
    assert_eq!(write(engine, arrived(16)), (1, 0));
    assert_eq!(write(engine, arrived(15)), (0, 1));
}

fn holds(engine: &dyn Engine, text: &str) -> bool {
    engine.bytes().windows(text.len()).any(|window| window == text.as_bytes())
}

/// An event of which every text has the word in it.
fn marked(number: u64, word: &str) -> Event {
    Event {
        name: format!("EVENT_{word}"),
        discriminant: Some(format!("Component{word}")),
        version: format!("1.0.0-{word}"),
        wrapper: (format!("wrapper-{word}"), format!("2.0.0-{word}")),
        instance: Some(format!("pk_test_{word}")),
        payload: format!("{{\"text\":\"{word}\"}}"),
        facets: vec![Facet { path: format!("field_{word}"), value: format!("value_{word}"), sum: 0 }],
        ..event(number)
    }
}

fn erasing_an_sdk_leaves_no_byte(engine: &mut dyn Engine) {
    for number in 0..50 {
        write(engine, batch("sdk-CANARY", vec![marked(number, &format!("CANARY{number}"))]));
        write(engine, batch("other", vec![marked(number, "stays")]));
    }
    assert!(holds(engine, "CANARY"));
    let what = Erase { sdk: Some("sdk-CANARY".to_owned()), before: None, instance: None };
    assert_eq!(engine.store().erase(&what).unwrap().events, 50);
    assert!(!holds(engine, "CANARY"), "bytes are left");
    assert_eq!(stored(engine), 50);
    assert_eq!(engine.read().sdks().unwrap(), ["other"]);
    assert_eq!(engine.store().erase(&what).unwrap().events, 0);
    // It can begin again, with names of its own.
    assert_eq!(write(engine, batch("sdk-CANARY", vec![marked(1, "again")])), (1, 0));
    assert_eq!(rows(engine).iter().filter(|row| row.event == "EVENT_again").count(), 1);
}

fn erasing_before_a_day_leaves_the_rest(engine: &mut dyn Engine) {
    let mut old = marked(1, "CANARY");
    old.when = When::On(TODAY.plus(-5));
    write(engine, Batch { received: TODAY.plus(-5), ..batch("a", vec![old.clone()]) });
    write(engine, batch("a", vec![on(TODAY, 2)]));
    let what = Erase { sdk: None, before: Some(TODAY.plus(-4)), instance: None };
    let erased = engine.store().erase(&what).unwrap();
    assert_eq!(erased.events, 1);
    assert!(!holds(engine, "CANARY"));
    assert_eq!(stored(engine), 1);
    // What comes once more is still known.
    assert_eq!(write(engine, batch("a", vec![old])), (0, 1));
}

fn erasing_an_instance_leaves_the_counts(engine: &mut dyn Engine) {
    let mut one = event(1);
    one.instance = Some("pk_test_CANARY".to_owned());
    let mut other = event(2);
    other.instance = Some("pk_test_stays".to_owned());
    write(engine, batch("a", vec![one, other, event(3)]));
    let what = Erase { sdk: None, before: None, instance: Some("pk_test_CANARY".to_owned()) };
    assert_eq!(engine.store().erase(&what).unwrap().events, 1);
    assert!(!holds(engine, "CANARY"));
    assert_eq!(stored(engine), 2);
    assert_eq!(engine.read().counts("a", Days::ALL).unwrap().iter().map(|count| count.n).sum::<u64>(), 3);
}

fn strangers_cannot_fill_the_names(engine: &mut dyn Engine) {
    let mut number = 0;
    for _ in 0..5 {
        let events = (0..5_000)
            .map(|_| {
                number += 1;
                Event { version: format!("9.9.{number}"), ..event(number) }
            })
            .collect();
        write(engine, batch("a", events));
    }
    assert_eq!(stored(engine), 25_000, "none is lost");
    let counts = engine.read().counts("a", Days::ALL).unwrap();
    assert!(counts.len() <= 20_001, "{}", counts.len());
    assert_eq!(counts.iter().map(|count| count.n).sum::<u64>(), 25_000);
    assert!(counts.iter().any(|count| count.version == "(others)"));
}

/// The varied events, of three installations and of those without an id.
fn of_installations(ids: [[u8; 16]; 3]) -> Vec<Event> {
    let with_id = |(number, event): (usize, Event)| Event { installation: ids.get(number % 4).copied(), ..event };
    varied().into_iter().enumerate().map(with_id).collect()
}

/// Has it deleted what came with an id; with how many events.
fn forget(engine: &mut dyn Engine, sdk: &str, installation: [u8; 16]) -> u64 {
    let deleted = engine.store().forget(&[Forget { sdk: Arc::from(sdk), installation, received: TODAY }]).unwrap();
    assert_eq!(deleted.len(), 1);
    deleted[0]
}

fn what_came_with_an_id_goes_and_nothing_else(engine: &mut dyn Engine) {
    let ids = [[0xa1; 16], [0xb2; 16], [0xc3; 16]];
    let events = of_installations(ids);
    let others: Vec<_> = events.iter().filter(|event| event.installation != Some(ids[0])).cloned().collect();
    write(engine, batch("a", others.clone()));
    let (rows_before, counts, values) = everything(engine);
    write(engine, batch("a", events.clone()));
    assert!(everything(engine) != (rows_before.clone(), counts.clone(), values.clone()));
    let theirs = stored(engine) - rows_before.iter().map(|row| row.n).sum::<u64>();
    assert_eq!(forget(engine, "a", ids[0]), theirs);
    assert_eq!(everything(engine), (rows_before, counts, values));
    // No byte of the id is left, and what comes late is not kept.
    assert!(engine.store().clean().unwrap());
    let is_there = |engine: &dyn Engine, id: [u8; 16]| engine.bytes().windows(16).any(|bytes| bytes == id);
    assert!(!is_there(engine, ids[0]));
    assert_eq!(is_there(engine, ids[1]), engine.keeps_installations());
    let late = Event { installation: Some(ids[0]), ..event(9_000) };
    let written = engine.store().write(&[batch("a", vec![late.clone(), event(9_001)])]).unwrap();
    assert_eq!((written[0].accepted, written[0].deleted), (1, 1));
    // Twice is as good as once, of an id that nobody knows as well, and of another SDK nothing is known.
    for id in [ids[0], [0xd4; 16]] {
        assert_eq!(forget(engine, "a", id), 0);
    }
    assert_eq!(forget(engine, "never seen", ids[1]), 0);
    let on_its_way = Event { installation: Some(ids[1]), ..event(9_000) };
    let written = engine.store().write(&[batch("never seen", vec![on_its_way, event(9_001)])]).unwrap();
    assert_eq!((written[0].accepted, written[0].deleted), (1, 1));
    assert_eq!(write(engine, batch("b", vec![late.clone()])), (1, 0));
    // Several at once, one of them twice.
    let together = [ids[1], [0xe5; 16], ids[2], ids[1]];
    let together = together.map(|installation| Forget { sdk: Arc::from("a"), installation, received: TODAY });
    let theirs = [ids[1], ids[2]].map(|id| new_ones(&others, id));
    assert_eq!(engine.store().forget(&together).unwrap(), [theirs[0], 0, theirs[1], 0]);
    // It is remembered as long as ids are.
    let keep = |ids_from: Day| Keep { rows_from: Day(0), counts_from: Day(0), ids_from };
    while engine.store().expire(&keep(TODAY.plus(1)), 1_000).unwrap() {}
    assert_eq!(write(engine, batch("a", vec![late])), (1, 0));
}

fn an_id_leads_to_its_rows_for_as_long_as_they_stay(engine: &mut dyn Engine) {
    let ids = [[0xa1; 16], [0xb2; 16], [0xc3; 16]];
    write(engine, batch("a", of_installations(ids)));
    let counts = everything(engine).1;
    let keep = Keep { rows_from: TODAY.plus(1), counts_from: Day(0), ids_from: Day(0) };
    while engine.store().expire(&keep, 7).unwrap() {}
    assert_eq!(forget(engine, "a", ids[0]), 0);
    assert_eq!(everything(engine).1, counts, "what was counted names nobody, and stays");
    // What the operator erases takes the ids along.
    write(engine, batch("b", of_installations(ids)));
    engine.store().erase(&Erase { sdk: Some("b".to_owned()), before: None, instance: None }).unwrap();
    for id in ids {
        assert!(!engine.bytes().windows(16).any(|bytes| bytes == id));
    }
}

/// How many events came with this id, without repeats.
fn new_ones(events: &[Event], installation: [u8; 16]) -> u64 {
    let first = |number: usize| !events[..number].iter().any(|before| before.id == events[number].id);
    (0..events.len()).filter(|number| events[*number].installation == Some(installation) && first(*number)).count()
        as u64
}

/// All that can be read of the SDK `a`, in one order.
fn everything(engine: &dyn Engine) -> (Vec<Row>, Vec<String>, Vec<String>) {
    let mut read = engine.read();
    let mut counts: Vec<_> = read.counts("a", Days::ALL).unwrap().iter().map(|count| format!("{count:?}")).collect();
    let mut values: Vec<_> =
        read.values("a", "DIALOG_OPENED", Days::ALL).unwrap().iter().map(|value| format!("{value:?}")).collect();
    counts.sort();
    values.sort();
    (rows(engine), counts, values)
}
