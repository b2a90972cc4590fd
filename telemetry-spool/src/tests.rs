//! Tests of the spool as a whole.

use std::{fs, io::Write as _, os::unix::fs::symlink, sync::Arc};

use super::*;
use crate::day::DAY_MS;
use crate::{
    appender::AppendError,
    limits::{
        FRAME_BYTES, PLANNED_BATCHES, SEGMENT_BYTES, SPOOL_BYTES, SPOOL_FILES,
        test::{ATTEMPTS, ATTEMPTS_RENEWED, KEPT_DAYS, LIMITS},
    },
    uuid::{uuid7, uuid7_hour},
};

mod age;
pub(crate) mod crash;
mod crowd;
mod damage;
mod kit;
mod model;
mod once;
mod shared;
mod under_way;
mod upload;

pub(crate) use kit::*;

#[test]
fn events_go_from_a_segment_by_a_plan_to_nothing() {
    let home = Home::new();
    let mut process = home.process();
    process.start(NOW);
    assert!(home.names().is_empty(), "looking creates nothing");
    process.append("{\"n\":1}");
    process.append("{\"n\":2}");
    assert_eq!((home.names().len(), home.count(".part")), (1, 1));
    let batch = process.next().unwrap();
    assert_eq!(texts(&batch), ["{\"n\":1}", "{\"n\":2}"]);
    assert_eq!((home.count(".part"), home.count(".plan"), home.names().len()), (1, 1, 3), "{:?}", home.names());
    assert!(home.names().contains(&format!("{}.plan", batch.key())));
    assert!(batch.key().starts_with(&uuid7_hour(NOW / 3_600_000).unwrap()[..13]), "the hour and no more");
    process.finish(batch, Outcome::Sent);
    assert_eq!(home.names(), ["lock"]);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.recovered()), (2, 0));
}

#[test]
fn what_a_dead_process_left_is_recovered_once() {
    let home = Home::new();
    let mut dead = home.process();
    dead.append("1");
    dead.append("2");
    dead.die();
    let (mut one, mut other) = (home.process(), home.process());
    assert_eq!(one.send_all(), ["1", "2"]);
    assert!(other.send_all().is_empty());
    assert_eq!((one.tally.recovered(), one.tally.of(Outcome::Sent), other.tally.recovered()), (2, 2, 0));
}

#[test]
fn what_is_on_its_way_is_taken_by_nobody_else_and_what_waits_by_anybody() {
    let home = Home::new();
    let (mut one, mut other) = (home.process(), home.process());
    one.append("1");
    let batch = one.next().unwrap();
    one.append("2");
    assert_eq!(other.send_all(), ["2"], "the first is on its way");
    let key = batch.key().to_owned();
    one.put_back(batch);
    let batch = other.next().unwrap();
    assert_eq!((batch.key(), texts(&batch)), (key.as_str(), vec!["1".to_owned()]), "the key outlives the attempt");
    assert!(one.next().is_none());
    other.finish(batch, Outcome::Sent);
    assert!(one.next().is_none());
    assert_eq!((other.tally.recovered(), other.tally.of(Outcome::Sent), one.tally.ended()), (2, 2, 0));
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn opening_again_in_one_process_counts_nothing_twice() {
    let home = Home::new();
    let sdk = Arc::new(home.sdk());
    let tally = Counts::default();
    let (mut spool, backlog) = open(sdk.clone(), "app", HERE, &LIMITS);
    let frame = Frame { day: day_of(NOW), digest: [1; 16], destination: HERE, kind: EXTENDED, body: b"1" };
    spool.append(&frame, NOW, &tally).unwrap();
    drop((spool, backlog));
    let (_spool, mut backlog) = open(sdk, "app", HERE, &LIMITS);
    let batch = backlog.next(NOW, &|_| true, &tally).unwrap();
    backlog.finish(batch, Outcome::Sent, 1, &tally);
    assert_eq!((tally.recovered(), tally.of(Outcome::Sent)), (0, 1));
}

#[test]
fn a_torn_tail_costs_one_event() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{\"n\":1}");
    process.append("{\"n\":2}");
    process.die();
    let path = home.spool_file(&home.names()[0]);
    let len = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(len - 11).unwrap();
    let mut next = home.process();
    assert_eq!(next.send_all(), ["{\"n\":1}"]);
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Corrupt)), (2, 1));
    assert_eq!((home.count(".damaged"), home.names().len()), (1, 2));
}

#[test]
fn damaged_and_foreign_files_neither_stop_nor_mislead() {
    let home = Home::new();
    let mut process = home.process();
    process.append("good");
    process.die();
    let id = || uuid7(NOW).unwrap();
    let victim = home.file("victim");
    fs::write(&victim, "mine").unwrap();
    fs::write(home.spool_file("notes.txt"), "mine").unwrap();
    fs::write(home.spool_file(&format!("{}.part", id())), "").unwrap();
    fs::write(home.spool_file(&format!("{}.part", id())), "garbage").unwrap();
    fs::write(home.spool_file(&format!("{}.plan", id())), [0; 100]).unwrap();
    fs::write(home.spool_file(&format!("{}.done", id())), "half").unwrap();
    let newer = format!("{}.part", id());
    fs::write(home.spool_file(&newer), [&format::frame::header(b"TLMSPL4\n"), &b"from the future"[..]].concat())
        .unwrap();
    let link = format!("{}.part", id());
    symlink(&victim, home.spool_file(&link)).unwrap();
    let folder = format!("{}.plan", id());
    fs::create_dir(home.spool_file(&folder)).unwrap();
    let pipe = format!("{}.part", id());
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.spool_file(&pipe),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let mut next = home.process();
    next.start(NOW);
    assert_eq!(next.send_all(), ["good"]);
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Corrupt)), (2, 1));
    let mut left = vec![newer, link, folder, pipe, "lock".to_owned(), "notes.txt".to_owned()];
    left.sort();
    let (aside, names): (Vec<_>, Vec<_>) = home.names().into_iter().partition(|name| name.ends_with(".damaged"));
    assert_eq!((names, aside.len()), (left, 1));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn days_and_wires_stay_apart() {
    let home = Home::new();
    let mut process = home.process();
    let today = day_of(NOW);
    process.try_append(STRICT, today - 1, "yesterday").unwrap();
    process.try_append(STRICT, today, "today").unwrap();
    process.try_append(REPORT, today, "report 1").unwrap();
    process.try_append(REPORT, today, "report 2").unwrap();
    process.try_append(BEACON, today, "beacon").unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = process.next() {
        batches.push((batch.kind(), batch.day(), texts(&batch)));
        process.finish(batch, Outcome::Sent);
    }
    batches.sort();
    let expected = [
        (STRICT, today - 1, "yesterday"),
        (STRICT, today, "today"),
        (BEACON, today, "beacon"),
        (REPORT, today, "report 1"),
        (REPORT, today, "report 2"),
    ];
    assert_eq!(batches, expected.map(|(wire, day, event)| (wire, day, vec![event.to_owned()])));
}

#[test]
fn old_events_expire_and_are_counted() {
    let home = Home::new();
    let mut process = home.process();
    let today = day_of(NOW);
    for (wire, day) in [(STRICT, today - 3), (STRICT, today - 2), (EXTENDED, today - 15), (EXTENDED, today - 14)] {
        process.try_append(wire, day, &format!("{wire:?} {day}")).unwrap();
    }
    assert_eq!(process.send_all().len(), 2);
    assert_eq!(process.tally.of(Outcome::Expired), 2);

    process.append("waits too long");
    let batch = process.next().unwrap();
    process.put_back(batch);
    let later = NOW + u64::from(KEPT_DAYS + 1) * DAY_MS;
    assert!(process.next_at(later).is_none());
    assert_eq!((process.tally.of(Outcome::Expired), process.tally.recovered()), (3, 0));
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn the_oldest_goes_first_when_the_spool_is_full() {
    let home = Home::new();
    let mut process = home.process();
    let json = "x".repeat(20 * 1024);
    let count = 2 * SPOOL_BYTES / json.len() as u64;
    for number in 0..count {
        let json = format!("{number:05}{json}");
        let frame = process.frame(EXTENDED, day_of(NOW), &json);
        process.spool.append(&frame, NOW + number, &process.tally).unwrap();
        if number % 16 == 0 {
            assert!(home.bytes() <= SPOOL_BYTES + SEGMENT_BYTES, "{}", home.bytes());
        }
    }
    let evicted = process.tally.of(Outcome::Evicted);
    let left = process.send_all();
    assert_eq!(evicted + left.len() as u64, count);
    assert!(evicted > count / 3, "{evicted} of {count}");
    let first = left.iter().map(|event| event[..5].parse::<u64>().unwrap()).min().unwrap();
    assert_eq!((first, process.tally.recovered()), (evicted, 0), "the oldest and nothing else was evicted");
}

#[test]
fn an_oversize_event_is_refused_and_the_largest_is_not() {
    let home = Home::new();
    let mut process = home.process();
    assert_eq!(process.try_append(EXTENDED, 1, &"x".repeat(FRAME_BYTES + 1)), Err(AppendError::Oversize));
    assert!(home.names().is_empty());
    process.append(&"x".repeat(FRAME_BYTES));
    assert_eq!(process.send_all()[0].len(), FRAME_BYTES);
}

#[test]
fn several_events_are_appended_with_one_write() {
    let home = Home::new();
    let mut process = home.process();
    let events: Vec<_> = (0..50).map(|number| number.to_string()).collect();
    let frames: Vec<_> = events.iter().map(|event| process.frame(EXTENDED, day_of(NOW), event)).collect();
    crash::die_at(3, 0); // The spool's folder and the segment are made; the write is the third change.
    assert!(process.spool.append_all(&frames, NOW, &process.tally).is_err());
    crash::revive();
    assert!(process.send_all().is_empty(), "all or none");
    process.spool.append_all(&frames, NOW + 1_000, &process.tally).unwrap();
    assert_eq!(process.send_all(), events);
}

#[test]
fn single_events_are_planned_a_few_at_a_time() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..50 {
        process.try_append(REPORT, day_of(NOW), &number.to_string()).unwrap();
    }
    let batch = process.next().unwrap();
    assert_eq!((home.count(".upload"), home.count(".part")), (1, 1));
    process.put_back(batch);
    assert_eq!((home.count(".plan"), home.count(".upload")), (PLANNED_BATCHES, 0));
    let mut most = 0;
    let mut events = Vec::new();
    while let Some(batch) = process.next() {
        events.extend(texts(&batch));
        process.finish(batch, Outcome::Sent);
        most = most.max(home.names().len());
    }
    assert_eq!(events, (0..50).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(most <= 2 + 2 * PLANNED_BATCHES + 2, "what has ended is said by few files: {most}");
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn halves_replace_the_whole_and_keep_its_key() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..5 {
        process.append(&number.to_string());
    }
    let batch = process.next().unwrap();
    let key = batch.key().to_owned();
    assert!(process.backlog.halve(batch, &process.tally));
    let plans: Vec<_> = home.names().into_iter().filter(|name| name.ends_with(".plan")).collect();
    assert_eq!(plans, [format!("{key}-0.plan"), format!("{key}-1.plan")]);
    process.die();
    let mut next = home.process();
    assert_eq!(next.send_all(), ["0", "1", "2", "3", "4"]);
    assert_eq!(next.tally.recovered(), 5);
    assert_eq!(home.names(), ["lock"]);
}

/// A veto that comes while the server refuses a batch as too large holds for it as well.
#[test]
fn o10_what_a_host_discards_is_not_halved() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..4 {
        process.append(&number.to_string());
    }
    let batch = process.next().unwrap();
    process.spool.discard_own(NOW, &process.tally);
    assert!(!process.backlog.halve(batch, &process.tally));
    assert_eq!(process.tally.of(Outcome::Discarded), 4);
    assert!(process.next().is_none());
    process.die();
    assert!(home.process().send_all().is_empty());
}

#[test]
fn attempts_end_with_the_process() {
    let home = Home::new();
    let mut process = home.process();
    process.append("1");
    for _ in 0..ATTEMPTS {
        let mut batch = process.next().unwrap();
        batch.attempted(false);
        process.put_back(batch);
    }
    assert!(process.next().is_none());
    assert!(process.backlog.has_resting() && process.backlog.renew_attempts());
    let batch = process.next().unwrap();
    process.put_back(batch);
    process.die();
    assert_eq!(home.process().send_all(), ["1"]);
}

/// In a process that always has something newer to send, a batch that has used its attempts would wait for ever.
#[test]
fn o08_a_batch_without_attempts_has_its_turn_again_after_an_hour_whatever_comes_meanwhile() {
    let home = Home::new();
    let mut process = home.process();
    process.append("old");
    let mut key = String::new();
    for _ in 0..ATTEMPTS {
        let mut batch = process.next().unwrap();
        key = batch.key().to_owned();
        batch.attempted(false);
        process.put_back(batch);
    }
    let hour = u64::try_from(ATTEMPTS_RENEWED.as_millis()).unwrap();
    for minute in [0, 5, 10, 59] {
        process.append("new");
        let batch = process.next_at(NOW + minute * 60_000).unwrap();
        assert_ne!(batch.key(), key, "after {minute} minutes others go first");
        process.finish(batch, Outcome::Sent);
    }
    process.append("new");
    let mut batch = process.next_at(NOW + hour).unwrap();
    assert_eq!(batch.key(), key, "the oldest first, as ever");
    batch.attempted(false);
    process.put_back(batch);
    // One more attempt, and it rests again; a clock that was set back does not lengthen that.
    assert_ne!(process.next_at(NOW + hour + 1).unwrap().key(), key);
    assert_eq!(process.next_at(NOW - 24 * hour).unwrap().key(), key);
}

#[test]
fn erasing_leaves_nothing_of_ours_and_everything_of_others() {
    let home = Home::new();
    let mut other = home.process();
    other.append("theirs");
    let mut dead = home.process();
    dead.append("left");
    dead.die();
    let mut process = home.process();
    process.append("on its way");
    let batch = process.next().unwrap();
    process.append("waits");
    let foreign = home.file("spool/elsewhere/photo.jpg");
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "").unwrap();

    process.spool.erase(&process.tally);
    assert!(home.names().is_empty());
    assert!(!home.file("spool/app").exists());
    assert!(foreign.exists());
    assert!(!process.backlog.holds(&batch));
    process.put_back(batch);
    // Of those on their way to the server its own one is counted when it comes back.
    assert_eq!((process.tally.of(Outcome::Erased), process.tally.recovered()), (2, 0));

    assert_eq!(other.try_append(EXTENDED, 1, "later"), Err(AppendError::Erased));
    assert_eq!(other.try_append(EXTENDED, 1, "later still"), Err(AppendError::Erased));
    assert!(!home.file("spool/app").exists(), "nobody makes an erased folder again");
    assert_eq!(other.tally.of(Outcome::Erased), 2);
    other.spool.discard_held(NOW, &other.tally);
    assert_eq!(other.tally.of(Outcome::Erased), 3, "what it had recorded is gone");
    let mut again = home.process();
    again.append("after the user said yes again");
    process.append("here too");
    assert_eq!(home.count(".part"), 1);
}

#[test]
fn a_veto_discards_what_this_process_recorded_and_nothing_else() {
    for (arrives, lost) in [(false, "discarded"), (true, "unknown")] {
        let home = Home::new();
        let mut dead = home.process();
        dead.append("earlier");
        dead.die();
        let mut process = home.process();
        process.append("in flight");
        let mut flying = process.next().unwrap();
        assert_eq!(texts(&flying), ["earlier", "in flight"]);
        process.append("waiting");
        let mut dead = home.process();
        dead.append("later");
        dead.die();
        process.spool.discard_own(NOW, &process.tally);
        assert_eq!((process.tally.of(Outcome::Discarded), process.tally.recovered()), (1, 0));
        flying.attempted(arrives);
        let key = flying.key().to_owned();
        process.put_back(flying);
        assert_eq!(
            (process.tally.get(lost), process.tally.ended(), process.tally.recovered()),
            (1 + u64::from(!arrives), 2, 0)
        );
        let mut next = home.process();
        let batch = next.next().unwrap();
        assert!(batch.key() != key, "other bytes have another key");
        assert_eq!(texts(&batch), ["earlier", "later"]);
        next.finish(batch, Outcome::Sent);
        assert_eq!((next.tally.recovered(), home.names()), (2, vec!["lock".to_owned()]));
    }
}

#[test]
fn a_full_disk_ends_spooling_for_the_process() {
    // The smallest full disk there is, and everything written to it fails with ENOSPC.
    let Ok(mut full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let kind = full.write_all(b"x").unwrap_err().kind();
    let home = Home::new();
    let mut failing = home.process_that_failed(kind);
    assert!(matches!(failing.try_append(EXTENDED, 1, "x"), Err(AppendError::Disk(_))));
}

impl Home {
    fn process_that_failed(&self, kind: std::io::ErrorKind) -> Process {
        let mut process = self.process();
        process.spool.fail(AppendError::Disk(kind), NOW);
        process
    }
}

#[test]
fn a_broken_disk_is_left_alone_for_a_second() {
    let home = Home::new();
    let mut process = home.process_that_failed(std::io::ErrorKind::Other);
    let frame = process.frame(EXTENDED, 1, "x");
    let mut at = |unix_ms| process.spool.append(&frame, unix_ms, &Counts::default()).is_ok();
    assert!(!at(NOW));
    assert!(!at(NOW + 999));
    assert!(at(NOW + 1_000));
    let mut process = home.process_that_failed(std::io::ErrorKind::Other);
    assert!(process.spool.append(&frame, 0, &Counts::default()).is_ok(), "the clock was set back by years");
}

/// The child of the test below: appends until it is killed, and says after each event that it is safe.
#[test]
fn appends_until_it_is_killed() {
    let Some(base) = std::env::var_os("TELEMETRY_TEST_KILLED") else { return };
    let sdk = PrivateFolder::open(base.as_ref(), &["telemetry", "acme-ui"], true).unwrap().unwrap();
    let (mut spool, mut backlog) = open(Arc::new(sdk), "app", HERE, &LIMITS);
    let tally = Counts::default();
    let mut out = std::io::stderr();
    for number in 0_u64.. {
        let json = number.to_string();
        let frame =
            Frame { day: day_of(NOW), digest: [0; 16], destination: HERE, kind: EXTENDED, body: json.as_bytes() };
        spool.append(&frame, NOW + number, &tally).unwrap();
        writeln!(out, "safe {number}").unwrap();
        if number % 100 == 99 {
            // Planning is where a kill could double or lose; nothing is sent, so everything must be found again.
            if let Some(batch) = backlog.next(NOW, &|_| true, &tally) {
                backlog.put_back(batch, &tally);
            }
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_and_doubles_nothing() {
    for round in 0..10 {
        let home = Home::new();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["appends_until_it_is_killed", "--nocapture", "--test-threads=1"])
            .env("TELEMETRY_TEST_KILLED", home.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let mut safe = None;
        let mut read = || {
            line.clear();
            let some = std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0;
            // The last line may be cut by the kill.
            if let Some(number) = line.strip_prefix("safe ").and_then(|rest| rest.strip_suffix('\n')) {
                safe = number.parse::<u64>().ok();
            }
            some
        };
        for _ in 0..round * 37 + 1 {
            assert!(read());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while read() {}

        let mut next = home.process();
        next.start(NOW);
        let mut events: Vec<u64> = next.send_all().iter().map(|event| event.parse().unwrap()).collect();
        events.sort_unstable();
        let count = events.len() as u64;
        assert_eq!(events, (0..count).collect::<Vec<_>>(), "round {round}: none twice, none missing in between");
        assert!(count > safe.unwrap(), "round {round}: {count} events, but {safe:?} was safe");
        assert!(next.tally.of(Outcome::Corrupt) <= 1, "round {round}: the one during which it was killed, at most");
    }
}
