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
        let batch = process.next().unwrap();
        let key = batch.key().to_owned();
        process.put_back(batch);
        let mut before = 0;
        if recovered {
            before = process.die().ended();
            process = home.process();
        }
        // Two days later the first one is too old, and after another day the second.
        for (days, left) in [(1, 3), (2, 2), (3, 1), (14, 1)] {
            let batch = process.next_at(NOW + days * DAY_MS).unwrap();
            assert_eq!(batch.frames().count(), left, "after {days} days, recovered: {recovered}");
            assert_eq!(batch.key() == key, left == 3, "other bytes have another key");
            process.put_back(batch);
        }
        assert!(process.next_at(NOW + 15 * DAY_MS).is_none());
        assert_eq!((before, process.tally.of(Outcome::Expired), process.tally.ended()), (0, 3, 3));
        assert_eq!(process.tally.recovered(), if recovered { 3 } else { 0 });
        assert_eq!(home.names(), ["lock"]);
    }
}

/// Another day, another segment: a file goes as a whole when its name is too old, and must not hold younger events then.
#[test]
fn o21_at_midnight_another_segment_is_begun() {
    let home = Home::new();
    let mut process = home.process();
    let midnight = (u64::from(day_of(NOW)) + 1) * DAY_MS;
    for (unix_ms, segments) in
        [(midnight - 2, 1), (midnight - 1, 1), (midnight, 2), (midnight + 1, 2), (midnight - 1, 2)]
    {
        let json = unix_ms.to_string();
        let frame = process.frame(STRICT, day_of(unix_ms), &json);
        process.spool.append(&frame, unix_ms, &process.tally).unwrap();
        assert_eq!(
            home.count(".part"),
            segments,
            "at {unix_ms}, which is {} before midnight",
            midnight as i64 - unix_ms as i64
        );
    }
    let mut days = Vec::new();
    while let Some(batch) = process.next_at(midnight) {
        days.push((batch.day(), batch.frames().count()));
        process.finish(batch, Outcome::Sent);
    }
    assert_eq!(days, [(day_of(NOW), 3), (day_of(NOW) + 1, 2)]);
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn files_of_hosts_that_never_return_expire() {
    let home = Home::new();
    let tally = Counts::default();
    let (mut spool, backlog) = open(Arc::new(home.sdk()), "gone-app", HERE, &LIMITS);
    for (number, destination) in [HERE, [9; 16]].into_iter().enumerate() {
        let json = number.to_string();
        let frame = Frame { day: day_of(NOW), digest: [0; 16], destination, kind: EXTENDED, body: json.as_bytes() };
        spool.append(&frame, NOW, &tally).unwrap();
    }
    drop((spool, backlog));
    let mut process = home.process();
    process.start(NOW + 14 * DAY_MS);
    assert_eq!(process.tally.ended(), 0);
    process.start(NOW + 16 * DAY_MS);
    assert_eq!((process.tally.of(Outcome::Expired), process.tally.of(Outcome::OtherDestination)), (1, 1));
    assert_eq!(fs::read_dir(home.file("spool/gone-app")).unwrap().count(), 1, "the lock");
}

/// Events go to whom the user was told of when they were recorded, and to nobody else.
#[test]
fn o16_events_for_another_destination_are_left_to_who_has_it() {
    const THERE: Digest = [3; 16];
    let home = Home::new();
    let mut old = home.process_with(THERE);
    old.append("there 1");
    old.die();
    let mut new = home.process();
    new.append("here 1");
    assert_eq!(new.send_all(), ["here 1"]);
    assert_eq!((new.tally.ended(), new.tally.recovered()), (1, 0));
    // An older version that is still run sends its own.
    let mut old = home.process_with(THERE);
    old.append("there 2");
    new.append("here 2");
    let batch = old.next().unwrap();
    assert_eq!(texts(&batch), ["there 1", "there 2"]);
    old.put_back(batch);
    assert_eq!(new.send_all(), ["here 2"], "a plan of theirs is left alone as well");
    assert_eq!(old.send_all(), ["there 1", "there 2"]);
    assert_eq!((old.tally.recovered(), home.names()), (1, vec!["lock".to_owned()]));

    old.append("there 3");
    old.die();
    assert!(new.next_at(NOW + 14 * DAY_MS).is_none());
    assert_eq!(new.tally.of(Outcome::OtherDestination), 0, "it waits as long as any other event");
    assert!(new.next_at(NOW + 15 * DAY_MS).is_none());
    assert_eq!((new.tally.of(Outcome::OtherDestination), new.tally.of(Outcome::Expired)), (1, 0));
    assert_eq!(home.names(), ["lock"]);
}

/// A vendor moves while the old server is dead: all plans that may stand are for the old place, and wait there.
#[test]
fn o16_plans_for_another_destination_take_no_room() {
    const THERE: Digest = [3; 16];
    let home = Home::new();
    let mut old = home.process_with(THERE);
    for number in 0..PLANNED_BATCHES + 4 {
        old.try_append(REPORT, day_of(NOW), &number.to_string()).unwrap();
    }
    let batch = old.next().unwrap();
    old.put_back(batch);
    assert_eq!(home.count(".plan"), PLANNED_BATCHES);
    old.die();
    let mut new = home.process();
    new.append("here");
    assert_eq!(new.send_all(), ["here"]);
    assert_eq!(home.count(".plan"), PLANNED_BATCHES, "theirs stand");
    // Too old, they end as what they are.
    assert!(new.next_at(NOW + 15 * DAY_MS).is_none());
    assert_eq!(new.tally.of(Outcome::OtherDestination), PLANNED_BATCHES as u64 + 4);
    assert_eq!(home.count(".plan"), 0);
}

/// A later version of the program may send kinds that this one does not know.
#[test]
fn a_frame_of_an_unknown_kind_waits_for_who_sends_it() {
    let home = Home::new();
    let mut process = home.process();
    process.try_append(9, day_of(NOW), "later").unwrap();
    process.append("known");
    assert_eq!(process.send_all(), ["known"]);
    assert_eq!((home.count(".part"), process.tally.ended()), (1, 1), "{:?}", home.names());
    let last = NOW + u64::from(KEPT_DAYS) * DAY_MS;
    assert!(process.next_at(last).is_none());
    assert_eq!(process.tally.of(Outcome::Expired), 0);
    assert!(process.next_at(last + DAY_MS).is_none());
    assert_eq!((process.tally.of(Outcome::Expired), process.tally.ended()), (1, 2));
    assert_eq!(home.names(), ["lock"]);
}
