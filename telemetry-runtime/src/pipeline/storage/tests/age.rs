//! Batches whose events are of several days.

use super::*;

/// Events of several days share a batch where they have ids. Each waits as long as it may, and no longer.
#[test]
fn c20_the_old_events_of_a_batch_expire_and_the_young_ones_are_sent() {
    for recovered in [false, true] {
        let home = Home::new();
        let mut process = home.process();
        let today = day_of(NOW);
        for day in [today - 13, today - 12, today] {
            process.try_append(EXTENDED, day, &format!("{day}")).unwrap();
        }
        process.spool.seal();
        let batch = process.backlog.next(NOW, &process.tally).unwrap();
        let key = batch.key().to_owned();
        process.backlog.put_back(batch, &process.tally);
        let mut before = 0;
        if recovered {
            before = process.die().ended();
            process = home.process();
        }
        // Two days later the first one is too old, and after another day the second.
        for (days, left) in [(1, 3), (2, 2), (3, 1), (14, 1)] {
            let batch = process.backlog.next(NOW + days * DAY_MS, &process.tally).unwrap();
            assert_eq!(batch.frames().count(), left, "after {days} days, recovered: {recovered}");
            assert_eq!(batch.key() == key, left == 3, "other bytes have another key");
            process.backlog.put_back(batch, &process.tally);
        }
        assert!(process.backlog.next(NOW + 15 * DAY_MS, &process.tally).is_none());
        assert_eq!((before, process.tally.of(Outcome::Expired), process.tally.ended()), (0, 3, 3));
        assert_eq!(process.tally.recovered(), if recovered { 3 } else { 0 });
        assert_eq!(home.names(), ["lock"]);
    }
}

/// What one freeze has left over holds events of many days. Too old for the first of them is not too old for the last.
#[test]
fn c20_what_is_left_over_of_many_days_waits_as_long_as_its_youngest() {
    let home = Home::new();
    let mut process = home.process();
    for back in [14, 0] {
        let frame = Frame { day: day_of(NOW) - back, digest: [1; 16], wire: EXTENDED, json: b"{}" };
        for _ in 0..FROZEN_BATCHES * 100 {
            process.spool.append(&frame, NOW - u64::from(back) * DAY_MS, &process.tally).unwrap();
        }
        process.spool.seal();
    }
    // The first freeze takes the older half and a part of the younger, and leaves the rest over.
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    process.backlog.finish(batch, Outcome::Sent, 100, &process.tally);
    assert_eq!(home.count(".ready"), 1, "{:?}", home.names());
    process.die();
    let mut later = home.process();
    later.backlog.start(NOW + 3 * DAY_MS, &later.tally);
    assert_eq!(later.tally.of(Outcome::Expired), 0, "nothing goes as a whole that holds events of today");
}
