//! A command-line program, run 300 times a day at all hours.

use super::*;

/// Runs of a day.
const RUNS: u64 = 300;

/// The bytes that the events of a fortnight may take on disk, and some for the small files.
const MOST_BYTES: u64 = 6 * 1024 * 1024;

#[test]
fn o08_o19_o21_a_program_that_is_run_300_times_a_day_loses_nothing() {
    let mut life = Life::new("life-cli");
    let (mut recorded, mut number) = (0, 0);
    let now = |day: u64, run: u64| BEGIN + day * DAY + run * DAY / RUNS;
    for day in 0..days() {
        progress("life-cli", day);
        for run in 0..RUNS {
            let now = now(day, run);
            life.night_or_day(now);
            number += 1;
            let arguments = ["run", &number.to_string()];
            // One run in fifty is watched. The first ones are not: nobody was told, and nothing is recorded.
            if number % 50 == 10 {
                life.run_watched(now, &arguments);
            } else {
                assert_eq!(life.run(now, &arguments), "done\n");
            }
            recorded += u64::from(number > 10);
        }
        let files = life.sandbox.files();
        assert!(files.values().sum::<u64>() < MOST_BYTES, "day {day}: {files:?}");
    }
    assert_eq!(life.notices, 1, "one set, one notice");
    let end = now(days(), 0);
    let without_help = arrived(life.server()).len() as u64;
    println!("{recorded} recorded, {without_help} arrived by the ends of ordinary runs");
    // Delivery comes once a day, and most of what there was by then has arrived.
    assert!(without_help + 3 * RUNS >= recorded, "{without_help} of {recorded}");
    life.deliver_rest(end);
    life.check(end, recorded);
    assert_eq!(arrived(life.server()), (11..=number).collect::<Vec<_>>());
}
