use super::*;

fn label(by: Grain, day: &str) -> String {
    Period::of(by, Day::parse(day).unwrap(), Day(0), 0).label
}

#[test]
fn weeks_are_those_of_iso_8601() {
    // From the standard's own cases: a year begins in the week of its first Thursday.
    for (day, week) in [
        ("2026-11-22", "2026-W47"),
        ("2026-11-23", "2026-W48"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"),
        ("2021-01-03", "2020-W53"),
        ("1970-01-01", "1970-W01"),
    ] {
        assert_eq!(label(Grain::Week, day), week, "{day}");
    }
    assert_eq!(label(Grain::Month, "2024-02-29"), "2024-02");
}

#[test]
fn every_day_is_in_one_period_of_each_grain() {
    for by in Grain::ALL {
        let mut day = Day::parse("2019-12-31").unwrap();
        while day < Day::parse("2025-03-02").unwrap() {
            let (first, last) = (by.first_day(day), by.last_day(day));
            assert!(first <= day && day <= last, "{by:?} {day}");
            assert_eq!((by.first_day(last), by.last_day(first)), (first, last), "{by:?} {day}");
            assert_eq!(by.first_day(last.plus(1)), last.plus(1), "{by:?} {day}: the next one begins there");
            day = day.plus(1);
        }
    }
}

#[test]
fn a_period_is_closed_when_nothing_of_it_is_taken_any_more() {
    let sunday = Day::parse("2026-11-22").unwrap();
    let state = |after: i32| Period::of(Grain::Week, sunday, sunday.plus(after), 15).state;
    assert_eq!(
        (state(0), state(1), state(15), state(16)),
        (State::Open, State::Settling, State::Settling, State::Closed)
    );
}

#[test]
fn an_interval_holds_the_truth_in_95_of_100_cases() {
    // A generator of our own, so that the cases are the same everywhere.
    let mut seed = 1_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    for (rate, truth) in [(0.1, 50), (0.1, 1000), (0.01, 2000), (0.5, 20)] {
        let mut held = 0;
        for _ in 0..2000 {
            let received = (0..truth).filter(|_| next() < rate).count() as u64;
            let estimate = Estimate::of([((rate * 1e6) as u32, received)]);
            held += u32::from((estimate.low..=estimate.high).contains(&f64::from(truth)));
        }
        assert!((1840..=1990).contains(&held), "rate {rate}, {truth}: {held} of 2000");
    }
}

#[test]
fn what_is_not_sampled_is_no_estimate() {
    let estimate = Estimate::of([(1_000_000, 7)]);
    assert_eq!((estimate.all, estimate.low, estimate.high), (7.0, 7.0, 7.0));
    let nothing = Estimate::of([(100_000, 0)]);
    assert!(nothing.low == 0.0 && nothing.high > 30.0, "none seen of one in ten is not none: {nothing:?}");
}

#[test]
fn a_missing_figure_is_no_zero_in_any_form() {
    let mut table = Table::new(&["day", "active"]);
    table.rows.push(vec![Cell::Text("=1".to_owned()), Cell::Missing]);
    table.rows.push(vec![Cell::Text("b".to_owned()), Cell::Whole(0)]);
    assert_eq!(table.to_csv(), "day,active\n'=1,\nb,0\n");
    assert_eq!(table.to_text(), "day  active\n=1        -\nb         0\n");
    let json: serde_json::Value = serde_json::from_str(&table.to_json()).unwrap();
    assert!(json["rows"][0]["active"].is_null() && json["rows"][1]["active"] == 0);
}
