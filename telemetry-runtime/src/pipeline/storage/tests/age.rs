//! Batches whose events are of several days.

use super::*;

/// Events of several days share a batch where they have ids. Each waits as long as it may, and no longer.
#[test]
fn c20_the_old_events_of_a_batch_expire_and_the_young_ones_are_sent() {
    for adopted in [false, true] {
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
        if adopted {
            before = process.die().ended();
            process = home.process();
        }
        // Two days later the first one is too old, and after another day the second.
        for (days, left) in [(1, 3), (2, 2), (3, 1), (14, 1)] {
            let batch = process.backlog.next(NOW + days * DAY_MS, &process.tally).unwrap();
            assert_eq!(batch.frames().count(), left, "after {days} days, adopted: {adopted}");
            assert_eq!(batch.key() == key, left == 3, "other bytes have another key");
            process.backlog.put_back(batch, &process.tally);
        }
        assert!(process.backlog.next(NOW + 15 * DAY_MS, &process.tally).is_none());
        assert_eq!((before, process.tally.of(Outcome::Expired), process.tally.ended()), (0, 3, 3));
        assert_eq!(process.tally.adopted(), if adopted { 3 } else { 0 });
        assert_eq!(home.names(), ["lock"]);
    }
}
