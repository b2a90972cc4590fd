//! A command-line program, run 300 times a day at all hours.

use std::time::{Duration, Instant};

use super::*;

/// Runs of a day.
const RUNS: u64 = 300;

/// The bytes that the events of a fortnight may take on disk, and some for the small files.
const MOST_BYTES: u64 = 6 * 1024 * 1024;

/// A run that takes less than this has seen what became of the delivery that its end waited for: the program declares `Grace(300)`,
/// of which 10 ms are for its files.
const WITHIN_GRACE: Duration = Duration::from_millis(290);

/// An end may wait for a delivery 18 to 30 hours after another, by the dice, and not in the pause of up to 7.5 hours after a server
/// that slept.
const BETWEEN_WAITS: std::ops::RangeInclusive<u64> = 18 * HOUR..=38 * HOUR;

#[test]
fn o08_o19_o21_a_program_that_is_run_300_times_a_day_loses_nothing() {
    let mut life = Life::new("life-cli");
    let (mut recorded, mut number) = (0, 0);
    let mut waits = 0;
    let now = |day: u64, run: u64| BEGIN + day * DAY + run * DAY / RUNS;
    for day in 0..days() {
        progress("life-cli", day);
        for run in 0..RUNS {
            let now = now(day, run);
            life.night_or_day(now);
            number += 1;
            let arguments = ["run", &number.to_string()];
            let (begun, may_wait) = (Instant::now(), next_wait(&life.sandbox));
            // One run in fifty is watched. The first ones are not: nobody was told, and nothing is recorded.
            if number % 50 == 10 {
                life.run_watched(now, &arguments);
            } else {
                assert_eq!(life.run(now, &arguments), "done\n");
            }
            recorded += u64::from(number > 10);
            if next_wait(&life.sandbox) != may_wait {
                waits += 1;
                if life.is_awake(now) && begun.elapsed() < WITHIN_GRACE {
                    assert_eq!(
                        arrived(life.server()),
                        (11..=number).collect::<Vec<_>>(),
                        "its end has waited for all of them"
                    );
                }
            }
        }
        let files = life.sandbox.files();
        assert!(files.values().sum::<u64>() < MOST_BYTES, "day {day}: {files:?}");
    }
    assert_eq!(life.notices, 1, "one set, one notice");
    let end = now(days(), 0);
    println!("{recorded} recorded, {} arrived by {waits} ends of ordinary runs", arrived(life.server()).len());
    let (shortest, longest) = BETWEEN_WAITS.into_inner();
    assert!(
        (days() * DAY / longest..=days() * DAY / shortest + 1).contains(&waits),
        "{waits} ends waited in {} days",
        days()
    );
    life.deliver_rest(end);
    life.check(end, recorded);
    assert_eq!(arrived(life.server()), (11..=number).collect::<Vec<_>>());
}

/// When the next end of a program may wait for a delivery, in seconds since 1970, as the state folder says; `None` before the first.
fn next_wait(sandbox: &Sandbox) -> Option<u64> {
    let file = sandbox.files().into_keys().find(|path| path.ends_with("breaker.json"))?;
    let text = std::fs::read_to_string(sandbox.state().join(file)).expect("the file can be read");
    let json: Value = serde_json::from_str(&text).expect("the file is JSON");
    json["endpoints"][0]["exit_after"].as_u64()
}
