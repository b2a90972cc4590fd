//! A disk that fails once, in a process that goes on.

use crate::{
    day::DAY_MS,
    day::day_of,
    spooled_frames,
    tally::Outcome,
    tests::{
        crash,
        kit::{EXTENDED, Home, NOW},
    },
};

const EVENTS: [&str; 3] = ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"];

/// Records and sends while one change to the disk fails, then again in a process after it. `false` if all changes were
/// made before it came to that.
fn one(at: u32, halves: bool) -> bool {
    let what = format!("change {at}, halves: {halves}");
    let home = Home::new();
    let mut process = home.process();
    crash::fail_at(at);
    for event in EVENTS {
        let _ = process.try_append(EXTENDED, day_of(NOW), event);
    }
    if halves && let Some(batch) = process.next() {
        process.backlog.halve(batch, &process.tally);
    }
    let mut events = process.send_all();
    let failed = !crash::has_not_failed();
    let waiting = EVENTS.len() as u64 + process.tally.recovered() - process.tally.ended();
    let before = process.die();
    let mut next = home.process();
    next.start(NOW);
    events.extend(next.send_all());
    events.sort();
    // An end that could not be written down: it is sent again, under the same key.
    events.dedup();
    let lost = ["erased", "unknown", "corrupt", "evicted", "expired"].map(|word| before.get(word));
    assert_eq!(lost, [0; 5], "{what}");
    assert_eq!(events.len() as u64 + before.get("disk"), EVENTS.len() as u64, "{what}");
    assert!(next.tally.recovered() >= waiting, "{what}");
    assert!(home.names().iter().all(|name| name == "lock"), "{what}: {:?}", home.names());
    failed
}

/// Whatever it then says of its events is what becomes of them.
#[test]
fn r10_c08_a_change_that_fails_once_costs_what_is_counted_and_no_more() {
    for halves in [false, true] {
        let changes = (1..).find(|at| !one(*at, halves)).unwrap_or_default();
        assert!(changes > 8, "only {changes} changes");
    }
}

/// A batch whose end is known and that cannot be removed is not sent, and not counted, a second time by this process.
#[test]
fn r10_c08_what_cannot_be_removed_ends_once() {
    for expired in [false, true] {
        let home = Home::new();
        let mut process = home.process();
        process.append(EVENTS[0]);
        let batch = process.next().unwrap();
        let (now, end) = if expired { (NOW + 15 * DAY_MS, "expired") } else { (NOW, "sent") };
        if expired {
            process.put_back(batch);
            crash::die_at(1, 0);
            assert!(process.next_at(now).is_none());
        } else {
            crash::die_at(1, 0);
            process.finish(batch, Outcome::Sent);
        }
        crash::revive();
        assert_eq!(home.count(".plan"), 1, "nothing could be changed: {:?}", home.names());
        assert_eq!(process.tally.get(end), u64::from(!expired), "what could not be written down has not expired yet");
        assert!(process.next_at(now).is_none());
        assert_eq!((process.tally.get(end), process.tally.ended(), process.tally.recovered()), (1, 1, 0), "{end}");
    }
}

/// A process that dies in the middle of planning, sending or halving. Whoever counts what waits counts each event once, or
/// the ledger would call an event waiting for ever.
#[test]
fn r07_c01_what_the_dead_have_left_is_counted_once() {
    for halves in [false, true] {
        for at in 1.. {
            let home = Home::new();
            let mut process = home.process();
            EVENTS.iter().for_each(|event| process.append(event));
            let batch = halves.then(|| process.next()).flatten();
            crash::die_at(at, 0);
            match batch {
                Some(batch) => drop(process.backlog.halve(batch, &process.tally)),
                None => drop(process.next()),
            }
            let died = crash::is_dead();
            process.die();
            crash::revive();
            assert_eq!(spooled_frames(&home.sdk(), &super::HERE), Some(3), "died at change {at}, halves: {halves}");
            if !died {
                break;
            }
        }
    }
}

/// A disk that cannot be read for a while says nothing about what stands on it: a request that may have arrived keeps its
/// key, or its events would arrive twice.
#[test]
fn o21_a_disk_that_cannot_be_read_for_a_while_changes_no_key() {
    // The first reading is of the plan, the next ones are of its events.
    for behind in [0, 1] {
        let home = Home::new();
        let mut process = home.process();
        EVENTS.iter().for_each(|event| process.append(event));
        let mut batch = process.next().unwrap();
        let key = batch.key().to_owned();
        batch.attempted(true);
        process.put_back(batch);
        crash::fail_reads(Some(behind));
        let while_it_fails = process.next().map(|batch| batch.key().to_owned());
        crash::fail_reads(None);
        assert_eq!(while_it_fails, None, "behind {behind}");
        let batch = process.next().unwrap();
        assert_eq!((batch.key(), batch.tries.ambiguous), (key.as_str(), true), "behind {behind}");
        process.finish(batch, Outcome::Sent);
        assert!(process.next().is_none());
        assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (3, 3), "behind {behind}");
    }
}

/// What says that events were sent stays where it cannot be read for a while, or they would be sent again.
#[test]
fn o21_what_was_sent_is_not_sent_again_by_a_disk_that_cannot_be_read_for_a_while() {
    let home = Home::new();
    let mut process = home.process();
    process.append(EVENTS[0]);
    let batch = process.next().unwrap();
    process.append(EVENTS[1]);
    process.finish(batch, Outcome::Sent);
    assert_eq!(home.count(".done"), 1, "its segment stands: {:?}", home.names());
    crash::fail_reads(Some(0));
    assert!(process.next().is_none());
    crash::fail_reads(None);
    assert_eq!(process.send_all(), EVENTS[1..2]);
}

/// Only what is not there, or is none of ours, is damage.
#[test]
fn o21_a_failing_system_is_told_from_a_missing_file() {
    use rustix::io::Errno;
    let is_not_there = |error: std::io::Error| crate::spool_folder::is_not_there(&error);
    assert!(is_not_there(Errno::NOENT.into()) && is_not_there(std::io::ErrorKind::PermissionDenied.into()));
    for errno in [Errno::MFILE, Errno::NFILE, Errno::IO, Errno::STALE, Errno::NOMEM, Errno::ACCESS] {
        assert!(!is_not_there(errno.into()), "{errno}");
    }
}
