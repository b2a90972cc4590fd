use super::*;
use crate::{
    clock::Day,
    store::{
        Event, Store as _, When,
        sqlite::{Reader, Sqlite},
        suite::{batch, event},
    },
};

fn lived(seed: u64) -> Month {
    let mut month = Month::new(seed);
    for day in Month::days() {
        month.live(day);
    }
    month
}

#[test]
fn a_seed_is_a_month() {
    let texts: Vec<String> = [1, 1, 2].map(|seed| format!("{:?}", lived(seed).happened)).into();
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[0], texts[2]);
}

#[test]
fn every_month_has_losses_opt_outs_upgrades_and_refusals() {
    for seed in 0..200 {
        let month = lived(seed);
        let has = |wanted: &dyn Fn(&month::Happened) -> bool| month.happened.iter().any(wanted);
        let is_early = |one: &month::Happened| one.is_second && one.day < FIRST_DAY.plus(SECOND_ADDED);
        assert!(month.silent_runs > 0, "seed {seed}: nobody opts out");
        assert!(has(&|one| one.end == month::End::Refused), "seed {seed}: nothing is refused");
        assert!(has(&|one| one.end == month::End::Expired), "seed {seed}: nothing is lost");
        assert!(has(&|one| one.event == "telemetry_health"), "seed {seed}: no loss is told");
        assert!(has(&|one| is_early(one)) && has(&|one| !one.is_second), "seed {seed}: nobody upgrades");
    }
}

#[test]
fn what_the_collector_lacks_or_made_up_differs() {
    let data = tempfile::tempdir().unwrap();
    let mut store = Sqlite::open(data.path()).unwrap().store;
    let wire = Wire::open(std::net::SocketAddr::from(([127, 0, 0, 1], 1))).unwrap();
    let today = Day(FIRST_DAY.0 + 30);
    let lines = compare(&mut Reader::open(data.path()).unwrap(), &lived(1), &wire, today).unwrap();
    assert!(lines.len() > 100 && lines.iter().all(|line| line.truth > 0 && line.answer == 0), "{lines:?}");
    let made_up = Event { when: When::On(FIRST_DAY), ..event(1) };
    store.write(&[batch("month-ui", vec![made_up])]).unwrap();
    let lines = compare(&mut Reader::open(data.path()).unwrap(), &lived(1), &wire, today).unwrap();
    assert!(lines.iter().any(|line| line.truth == 0 && line.answer == 1), "{lines:?}");
}
