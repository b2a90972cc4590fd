//! What the answers of every engine have to be, as tests over the traits. An engine calls [`check`] beside that of `store/suite.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Grain, Loss, Scope, Source, State, active, events, fields, losses, versions};
use crate::{
    clock::Day,
    store::{
        Batch, Days, Event, Facet, When,
        suite::{Engine, batch, event},
    },
};

/// 2026-11-22, a Sunday.
const TODAY: Day = Day(20_779);

/// Runs every test, each with an engine of its own.
pub(crate) fn check(make: &dyn Fn() -> Box<dyn Engine>) {
    for test in [
        sums_of_flags_are_installations,
        periods_that_are_cut_are_taken_whole,
        unknown_versions_come_first,
        losses_of_clients_and_of_the_collector_stand_apart,
        rates_are_put_together,
        values_of_fields_are_told_by_field,
    ] {
        test(&mut *make());
    }
}

fn scope(by: Grain) -> Scope {
    Scope { sdk: "a".to_owned(), days: Days::ALL, by, today: TODAY, late_days: 15 }
}

fn write(engine: &mut dyn Engine, day: Day, events: Vec<Event>) {
    engine.store().write(&[Batch { received: day, ..batch("a", events) }]).unwrap();
}

fn flagged(number: u64, day: Day, version: &str, flags: [bool; 4]) -> Event {
    let [week, month, ever, first] = flags;
    let facet = |path: &str, is: bool| Facet { path: path.to_owned(), value: is.to_string(), sum: 0 };
    Event {
        name: "ACTIVE".to_owned(),
        when: When::On(day),
        version: version.to_owned(),
        payload: format!(
            "{{\"first_in_week\":{week},\"first_in_month\":{month},\"first_ever\":{ever},\"first_of_version\":{first}}}"
        ),
        facets: vec![
            facet("first_in_week", week),
            facet("first_in_month", month),
            facet("first_ever", ever),
            facet("first_of_version", first),
        ],
        ..event(number)
    }
}

/// Installations that are active on days of their own: the answers are the sizes of sets that the engine has never seen.
fn sums_of_flags_are_installations(engine: &mut dyn Engine) {
    let from = TODAY.plus(-75);
    let (mut number, mut last, mut seen) = (0, BTreeMap::new(), BTreeSet::new());
    let mut truth: BTreeMap<(Order, Day), BTreeSet<u32>> = BTreeMap::new();
    for day in from.0..=TODAY.0 {
        let day = Day(day);
        // On one day nothing arrives; on another only other events do.
        if day == TODAY.plus(-20) {
            continue;
        }
        if day == TODAY.plus(-21) {
            number += 1;
            write(engine, day, vec![Event { when: When::On(day), ..event(number) }]);
            continue;
        }
        let mut all = Vec::new();
        for installation in 0_u32..40 {
            let is_active = (installation * 7 + u32::try_from(day.0).unwrap() * 13) % (installation % 9 + 2) == 0;
            if !is_active {
                continue;
            }
            let before: Option<Day> = last.insert(installation, day);
            let is_first = |by: Grain| before.is_none_or(|before| by.first_day(before) != by.first_day(day));
            number += 1;
            let is_new = seen.insert(installation);
            let flags = [is_first(Grain::Week), is_first(Grain::Month), is_new, is_new];
            all.push(flagged(number, day, "1.0.0", flags));
            for by in Grain::ALL {
                truth.entry((by as Order, by.first_day(day))).or_default().insert(installation);
            }
        }
        write(engine, day, all);
    }
    for by in Grain::ALL {
        let rows = active(&mut *engine.read(), &scope(by)).unwrap();
        assert!(!rows.is_empty());
        for row in &rows {
            let expected = truth.get(&(by as Order, row.period.first)).map_or(0, |set| set.len() as u64);
            let has_data = row.period.first != TODAY.plus(-20) || by != Grain::Day;
            assert_eq!(row.active, has_data.then_some(expected), "{row:?}");
        }
        assert_eq!(rows.iter().filter_map(|row| row.new).sum::<u64>(), seen.len() as u64);
    }
    let rows = active(&mut *engine.read(), &scope(Grain::Day)).unwrap();
    let at = |ago: i32| rows.iter().find(|row| row.period.first == TODAY.plus(-ago)).unwrap().active;
    assert_eq!((at(20), at(21)), (None, Some(0)), "a day without data is not zero");
}

/// The order of the grains, as a key.
type Order = u8;

fn periods_that_are_cut_are_taken_whole(engine: &mut dyn Engine) {
    for ago in 0..21_u64 {
        let day = TODAY.plus(-(ago as i32));
        write(engine, day, vec![Event { when: When::On(day), ..event(ago) }]);
    }
    // From a Wednesday to a Tuesday.
    let days = Days { from: TODAY.plus(-11), to: TODAY.plus(-5) };
    let rows = events(&mut *engine.read(), &Scope { days, ..scope(Grain::Week) }).unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.period.label.as_str(), row.n.received, row.period.state)).collect();
    assert_eq!(found, [("2026-W46", 7, State::Settling), ("2026-W47", 7, State::Open)]);
    let rows = events(&mut *engine.read(), &Scope { days, ..scope(Grain::Day) }).unwrap();
    assert_eq!(rows.len(), 7);
}

fn unknown_versions_come_first(engine: &mut dyn Engine) {
    let known = BTreeSet::from(["1.0.0".to_owned(), "1.1.0".to_owned()]);
    let all = [("1.0.0", 0), ("1.1.0", 1), ("1.1.0", 2), ("9.0.0", 3)];
    let flagged = all.map(|(version, number)| {
        let event = flagged(number, TODAY, version, [true, true, true, number != 2]);
        Event { is_version_known: known.contains(version), ..event }
    });
    write(engine, TODAY, flagged.to_vec());
    let rows = versions(&mut *engine.read(), &scope(Grain::Month), &known).unwrap();
    let found: Vec<_> =
        rows.iter().map(|row| (row.version.as_str(), row.is_known, row.active, row.adoptions, row.events)).collect();
    assert_eq!(
        found,
        [
            ("9.0.0", false, Some(1), Some(1), 1),
            ("1.0.0", true, Some(1), Some(1), 1),
            ("1.1.0", true, Some(2), Some(1), 2),
        ],
        "an unknown one first"
    );
    let rows = losses(&mut *engine.read(), &scope(Grain::Month)).unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.word.as_str(), row.n)).collect::<Vec<_>>(),
        [("unknown_version", 1), ("accepted", 4)]
    );
}

fn losses_of_clients_and_of_the_collector_stand_apart(engine: &mut dyn Engine) {
    let report = |number: u64, lost: i64| Event {
        name: "TELEMETRY_HEALTH".to_owned(),
        facets: vec![
            Facet { path: "queue_full".to_owned(), value: "0".to_owned(), sum: 0 },
            Facet { path: "disk".to_owned(), value: lost.to_string(), sum: lost },
        ],
        payload: format!("{{\"queue_full\":0,\"disk\":{lost}}}"),
        ..event(number)
    };
    let refused = Batch { events: Vec::new(), outcomes: vec![("unknown_field", 3)], ..batch("a", Vec::new()) };
    engine.store().write(&[batch("a", vec![report(1, 5), report(2, 7), report(1, 5)]), refused]).unwrap();
    let rows = losses(&mut *engine.read(), &scope(Grain::Day)).unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.source, row.word.as_str(), row.n)).collect();
    assert_eq!(
        found,
        [
            (Source::Collector, "accepted", 2),
            (Source::Collector, "duplicate", 1),
            (Source::Collector, "unknown_field", 3),
            (Source::Client, "disk", 12),
        ]
    );
    assert!(rows.iter().all(|row| !Loss::meaning(row).is_empty()), "each word has a meaning");
}

fn rates_are_put_together(engine: &mut dyn Engine) {
    let all =
        (0..300_u64).map(|number| Event { rate: if number < 100 { 100_000 } else { 1_000_000 }, ..event(number) });
    let written = all.map(|event| Event { when: When::On(TODAY), ..event }).collect();
    write(engine, TODAY, written);
    let rows = events(&mut *engine.read(), &scope(Grain::Week)).unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.n.received, row.rates.as_slice(), row.n.all), (300, [100_000, 1_000_000].as_slice(), 1200.0));
    assert!(row.n.low > 1000.0 && row.n.low < 1200.0 && row.n.high > 1200.0 && row.n.high < 1450.0, "{row:?}");
}

fn values_of_fields_are_told_by_field(engine: &mut dyn Engine) {
    let facet = |path: &str, value: &str| Facet { path: path.to_owned(), value: value.to_owned(), sum: 0 };
    let with = |number, day: Day, rate, facets| Event { when: When::On(day), rate, facets, ..event(number) };
    let size = |n: &str| vec![facet("size", n), facet("kind", if n == "8" { "small" } else { "large" })];
    write(engine, TODAY, vec![with(1, TODAY, 1_000_000, size("16")), with(2, TODAY, 1_000_000, size("8"))]);
    write(engine, TODAY, vec![with(3, TODAY.plus(-1), 500_000, size("128")), with(4, TODAY, 1_000_000, size("8"))]);
    let found = fields(&mut *engine.read(), &scope(Grain::Day)).unwrap();
    let told: Vec<_> = found.iter().map(|row| (&*row.field, &*row.value, row.n.received, row.n.all)).collect();
    // Numbers in their order, words by how often they came; what was sampled counts for more.
    let expected = [
        ("kind", "large", 2, 3.0),
        ("kind", "small", 2, 2.0),
        ("size", "8", 2, 2.0),
        ("size", "16", 1, 1.0),
        ("size", "128", 1, 2.0),
    ];
    assert_eq!(told, expected);
    assert!(found.last().is_some_and(|row| row.n.low < 2.0 && row.n.high > 2.0 && row.rates == [500_000]));
}
