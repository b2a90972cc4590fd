//! Tests of the spool as a whole.

use std::{fs, io::Write as _, os::unix::fs::symlink, sync::Arc};

use telemetry_schema::Wire;

use super::{spool::AppendError, uuid::uuid7, *};
use crate::pipeline::limits::{ATTEMPTS, EVENT_BYTES, FROZEN_BATCHES, KEPT_DAYS, SPOOL_BYTES, SPOOL_FILES};

mod age;
pub(super) mod crash;
mod crowd;
mod damage;
mod kit;
mod model;
mod once;

pub(crate) use kit::*;

#[test]
fn events_go_from_segment_to_batch_to_nothing() {
    let home = Home::new();
    let mut process = home.process();
    process.backlog.start(NOW, &process.tally);
    assert!(home.names().is_empty(), "looking creates nothing");
    process.append("{\"n\":1}");
    assert_eq!(home.count(".part"), 1);
    assert!(process.backlog.next(NOW, &process.tally).is_none(), "the segment is still open");
    process.append("{\"n\":2}");
    assert!(process.spool.seal());
    assert!(!process.spool.seal());
    assert_eq!(home.count(".ready"), 1);
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    assert_eq!(batch.frames().count(), 2);
    assert_eq!(home.names(), [format!("{}.batch", batch.key()), "lock".to_owned()]);
    assert!(batch.key().starts_with(&uuid7_hour(NOW / 3_600_000).unwrap()[..13]), "the hour and no more");
    process.backlog.finish(batch, Outcome::Sent, 2, &process.tally);
    assert_eq!(home.names(), ["lock"]);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.recovered()), (2, 0));
}

#[test]
fn what_a_dead_process_left_is_adopted_once() {
    let home = Home::new();
    let mut dead = home.process();
    dead.append("1");
    dead.spool.seal();
    dead.append("2");
    dead.die();
    let (mut one, mut other) = (home.process(), home.process());
    let mut events = one.send_all();
    events.sort();
    assert_eq!(events, ["1", "2"]);
    assert!(other.send_all().is_empty());
    assert_eq!((one.tally.recovered(), one.tally.of(Outcome::Sent)), (2, 2));
}

#[test]
fn nothing_of_a_living_process_is_touched() {
    let home = Home::new();
    let (mut living, mut other) = (home.process(), home.process());
    for number in 0..3 {
        living.append(&number.to_string());
        living.spool.seal();
    }
    let batch = living.backlog.next(NOW, &living.tally).unwrap();
    living.append("open");
    assert!(other.send_all().is_empty());
    let key = batch.key().to_owned();
    living.backlog.put_back(batch, &living.tally);
    assert!(other.send_all().is_empty(), "a batch that waits for its next attempt has an owner");
    living.die();
    let batch = other.backlog.next(NOW, &other.tally).unwrap();
    assert_eq!(batch.key(), key, "the key outlives the process");
    assert_eq!(other.tally.recovered(), 3);
}

#[test]
fn opening_again_in_one_process_counts_nothing_twice() {
    let home = Home::new();
    let mut process = home.process();
    process.append("1");
    let tally = std::mem::take(&mut process.tally);
    drop(process);
    let mut again = home.process();
    again.tally = tally;
    assert_eq!(again.send_all(), ["1"]);
    assert_eq!((again.tally.recovered(), again.tally.of(Outcome::Sent)), (0, 1));
}

#[test]
fn a_torn_tail_costs_one_event() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{\"n\":1}");
    process.append("{\"n\":2}");
    process.die();
    let name = home.names().remove(0);
    let path = home.spool_file(&name);
    let len = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(len - 3).unwrap();
    let mut next = home.process();
    assert_eq!(next.send_all(), ["{\"n\":1}"]);
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Corrupt)), (2, 1));
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
    fs::write(home.spool_file(&format!("{}.ready", id())), "garbage").unwrap();
    fs::write(home.spool_file(&format!("{}.batch", id())), [0; 100]).unwrap();
    let newer = format!("{}.ready", id());
    fs::write(home.spool_file(&newer), [&frame::header(b"TLMSPL2\n", 1), &b"from the future"[..]].concat()).unwrap();
    let link = format!("{}.ready", id());
    symlink(&victim, home.spool_file(&link)).unwrap();
    let folder = format!("{}.batch", id());
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
    next.backlog.start(NOW, &next.tally);
    assert_eq!(next.send_all(), ["good"]);
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Corrupt)), (3, 2));
    let mut left = vec![newer, link, folder, pipe, "lock".to_owned(), "notes.txt".to_owned()];
    left.sort();
    let (aside, names): (Vec<_>, Vec<_>) = home.names().into_iter().partition(|name| name.ends_with(".damaged"));
    assert_eq!((names, aside.len()), (left, 2));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn days_and_wires_stay_apart() {
    let home = Home::new();
    let mut process = home.process();
    let today = day_of(NOW);
    process.try_append(STRICT, today - 1, "yesterday").unwrap();
    process.try_append(STRICT, today, "today").unwrap();
    process.try_append(Wire::Report, today, "report 1").unwrap();
    process.try_append(Wire::Report, today, "report 2").unwrap();
    process.try_append(Wire::Beacon, today, "beacon").unwrap();
    process.spool.seal();
    let mut batches = Vec::new();
    while let Some(batch) = process.backlog.next(NOW, &process.tally) {
        batches.push((batch.wire(), batch.day(), batch.frames().map(|frame| text(frame.json)).collect::<Vec<_>>()));
        process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
    }
    batches.sort_by_key(|(wire, day, events)| (format!("{wire:?}"), *day, events.clone()));
    let expected = [
        (Wire::Beacon, today, "beacon"),
        (STRICT, today - 1, "yesterday"),
        (STRICT, today, "today"),
        (Wire::Report, today, "report 1"),
        (Wire::Report, today, "report 2"),
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
    process.spool.seal();
    assert_eq!(process.send_all().len(), 2);
    assert_eq!(process.tally.of(Outcome::Expired), 2);

    process.append("waits too long");
    process.spool.seal();
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    process.backlog.put_back(batch, &process.tally);
    let later = NOW + u64::from(KEPT_DAYS + 1) * DAY_MS;
    assert!(process.backlog.next(later, &process.tally).is_none());
    assert_eq!(process.tally.of(Outcome::Expired), 3);
    assert_eq!(home.count(".batch"), 0);
}

#[test]
fn files_of_hosts_that_never_return_expire() {
    let home = Home::new();
    let (mut spool, _backlog) = open(Arc::new(home.sdk()), "gone-app");
    let tally = Counts::default();
    spool.append(&Frame { day: 1, digest: [0; 16], wire: EXTENDED, json: b"{}" }, NOW, &tally).unwrap();
    drop((spool, _backlog));
    let names: Vec<_> = fs::read_dir(home.file("spool/gone-app")).unwrap().collect();
    place::disown(&[names[0].as_ref().unwrap().file_name().into_string().unwrap()]);
    let mut process = home.process();
    process.backlog.start(NOW + 14 * DAY_MS, &process.tally);
    assert_eq!(process.tally.ended(), 0);
    process.backlog.start(NOW + 16 * DAY_MS, &process.tally);
    assert_eq!((process.tally.recovered(), process.tally.of(Outcome::Expired)), (1, 1));
}

#[test]
fn the_oldest_goes_first_when_the_spool_is_full() {
    let home = Home::new();
    let mut process = home.process();
    let json = "x".repeat(20 * 1024);
    let count = 2 * SPOOL_BYTES / json.len() as u64;
    for number in 0..count {
        let json = format!("{number:05}{json}");
        let frame = Frame { day: day_of(NOW), digest: [0; 16], wire: EXTENDED, json: json.as_bytes() };
        process.spool.append(&frame, NOW + number, &process.tally).unwrap();
        if number % 16 == 0 {
            assert!(home.bytes() <= SPOOL_BYTES + 32 * 1024, "{}", home.bytes());
        }
    }
    process.spool.seal();
    let evicted = process.tally.of(Outcome::Evicted);
    let left = process.send_all();
    assert_eq!(evicted + left.len() as u64, count);
    assert!(evicted > count / 3, "{evicted} of {count}");
    let first = left.iter().map(|event| event[..5].parse::<u64>().unwrap()).min().unwrap();
    assert_eq!(first, evicted, "the oldest and nothing else was evicted");
}

#[test]
fn files_are_counted_too_and_other_processes_are_not_robbed() {
    let home = Home::new();
    let mut first = home.process();
    for number in 0..SPOOL_FILES + 10 {
        first.append(&number.to_string());
        first.spool.seal();
    }
    assert_eq!(home.names().len(), SPOOL_FILES);
    assert_eq!(first.tally.of(Outcome::Evicted), 10);
    let mut second = home.process();
    assert_eq!(second.try_append(EXTENDED, 1, "no room"), Err(AppendError::Full));
    assert_eq!(second.tally.of(Outcome::Evicted), 1);
    first.die();
    second.append("room");
    assert_eq!((second.tally.recovered(), second.tally.of(Outcome::Evicted)), (1, 2));
}

#[test]
fn an_oversize_event_is_refused_and_the_largest_is_not() {
    let home = Home::new();
    let mut process = home.process();
    assert_eq!(process.try_append(EXTENDED, 1, &"x".repeat(EVENT_BYTES + 1)), Err(AppendError::Oversize));
    assert!(home.names().is_empty());
    process.append(&"x".repeat(EVENT_BYTES));
    process.spool.seal();
    assert_eq!(process.send_all()[0].len(), EVENT_BYTES);
}

#[test]
fn single_events_are_frozen_a_few_at_a_time() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..50 {
        process.try_append(Wire::Report, day_of(NOW), &number.to_string()).unwrap();
    }
    process.spool.seal();
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    assert_eq!((home.count(".batch"), home.count(".ready")), (FROZEN_BATCHES, 1));
    process.backlog.put_back(batch, &process.tally);
    let mut events = process.send_all();
    events.sort_by_key(|event| event.parse::<u32>().unwrap());
    assert_eq!(events, (0..50).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_freeze_that_dies_before_its_journal_never_happened() {
    let home = Home::new();
    let mut process = home.process();
    process.append("1");
    process.die();
    let name = format!("{}.batch.new", uuid7_hour(1).unwrap());
    fs::write(home.spool_file(&name), "half").unwrap();
    let mut next = home.process();
    next.backlog.start(NOW, &next.tally);
    assert_eq!(home.count(".new"), 0);
    assert_eq!(next.send_all(), ["1"]);
    assert_eq!(next.tally.recovered(), 1);
}

#[test]
fn a_freeze_that_dies_after_its_journal_has_happened() {
    // Where in the last step the process died: before it, after the first rename, after all renames, after a removal.
    for (died_after, seen_before) in [0, 1, 2, 3].into_iter().flat_map(|step| [(step, false), (step, true)]) {
        let home = Home::new();
        let mut next = home.process();
        if seen_before {
            next.backlog.start(NOW, &next.tally); // It has looked for journals already when the other one dies.
        }
        let mut process = home.process();
        for number in 0..2 {
            process.append(&number.to_string());
            process.spool.seal();
        }
        process.die();
        let sources: Vec<_> = home.names().iter().filter_map(|name| names::Name::parse(name)).collect();
        let dir = home.sdk().dir().child("spool", false).unwrap().unwrap().child("app", false).unwrap().unwrap();
        let frame = |json| Frame { day: day_of(NOW), digest: [0; 16], wire: EXTENDED, json };
        let (one, two) = (frame(b"0"), frame(b"1"));
        let batches: Vec<_> = [one, two]
            .iter()
            .map(|frame| {
                let name = names::Name::parse(&format!("{}.batch", uuid7_hour(NOW / 3_600_000).unwrap())).unwrap();
                drop(batch::stage(&dir, &name, true, &[*frame]).unwrap());
                name
            })
            .collect();
        let change = journal::Change { come: batches.clone(), go: sources.clone(), aside: Vec::new() };
        drop(journal::commit(&dir, change, NOW).unwrap());
        let unstage = |name: &names::Name| dir.rename(&format!("{}.new", name.as_str()), name.as_str()).unwrap();
        batches.iter().take(died_after).for_each(unstage);
        if died_after == 3 {
            dir.remove(sources[0].as_str()).unwrap();
        }

        if !seen_before {
            next.backlog.start(NOW, &next.tally);
        }
        let mut events = next.send_all();
        events.sort();
        assert_eq!(events, ["0", "1"], "died after step {died_after}");
        assert_eq!(next.tally.recovered(), 2);
        assert_eq!(home.names(), ["lock"], "nothing is left");
    }
}

#[test]
fn halves_replace_the_whole_and_keep_its_key() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..5 {
        process.append(&number.to_string());
    }
    process.spool.seal();
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    let key = batch.key().to_owned();
    assert!(process.backlog.halve(batch, &process.tally));
    let halves = [format!("{key}-0.batch"), format!("{key}-1.batch"), "lock".to_owned()];
    assert_eq!(home.names(), halves);
    process.die();
    let mut next = home.process();
    let mut events = next.send_all();
    events.sort();
    assert_eq!(events, ["0", "1", "2", "3", "4"]);
    assert_eq!(next.tally.recovered(), 5);
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn attempts_end_with_the_process() {
    let home = Home::new();
    let mut process = home.process();
    process.append("1");
    process.spool.seal();
    for _ in 0..ATTEMPTS {
        let mut batch = process.backlog.next(NOW, &process.tally).unwrap();
        batch.attempted(false);
        process.backlog.put_back(batch, &process.tally);
    }
    assert!(process.backlog.next(NOW, &process.tally).is_none());
    process.die();
    assert_eq!(home.process().send_all(), ["1"]);
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
    process.append("sealed");
    process.spool.seal();
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    process.append("sealed too");
    process.spool.seal();
    process.append("open");
    let foreign = home.file("spool/elsewhere/photo.jpg");
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "").unwrap();

    process.spool.erase(&process.tally);
    assert!(home.names().is_empty());
    assert!(!home.file("spool/app").exists());
    assert!(foreign.exists());
    assert!(!process.backlog.holds(&batch));
    process.backlog.put_back(batch, &process.tally);
    assert_eq!(process.tally.of(Outcome::OptedOut), 4, "open, both sealed, left");

    assert_eq!(other.try_append(EXTENDED, 1, "later"), Err(AppendError::Erased));
    assert_eq!(other.try_append(EXTENDED, 1, "later still"), Err(AppendError::Erased));
    assert!(!home.file("spool/app").exists(), "nobody makes an erased folder again");
    assert_eq!(other.tally.of(Outcome::OptedOut), 3);
    other.spool.seal();
    let mut again = home.process();
    again.append("after the user said yes again");
    process.append("here too");
    assert_eq!(home.count(".part"), 2);
}

#[test]
fn a_veto_discards_what_this_process_recorded_and_nothing_else() {
    let home = Home::new();
    let mut dead = home.process();
    dead.append("earlier");
    dead.die();
    let mut process = home.process();
    process.append("in flight");
    process.spool.seal();
    let recovered = process.backlog.next(NOW, &process.tally).unwrap();
    process.backlog.put_back(recovered, &process.tally);
    let mut flying = process.backlog.next(NOW, &process.tally).unwrap();
    if flying.frames().any(|frame| frame.json == b"earlier") {
        let other = process.backlog.next(NOW, &process.tally).unwrap();
        process.backlog.put_back(std::mem::replace(&mut flying, other), &process.tally);
    }
    process.append("waiting");
    process.spool.seal();
    process.append("open");
    process.spool.discard_own(Outcome::Vetoed, &process.tally);
    assert_eq!(process.tally.of(Outcome::Vetoed), 2);
    flying.attempted(true);
    process.backlog.put_back(flying, &process.tally);
    assert_eq!(process.tally.of(Outcome::Unknown), 1, "the one in flight may have arrived");
    process.die();
    assert_eq!(home.process().send_all(), ["earlier"]);
}

#[test]
fn a_full_disk_ends_spooling_for_the_process() {
    // The smallest full disk there is, and everything written to it fails with ENOSPC.
    let Ok(mut full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let kind = full.write_all(b"x").unwrap_err().kind();
    let mut failing = Home::new().process_that_failed(kind);
    assert!(matches!(failing.try_append(EXTENDED, 1, "x"), Err(AppendError::Disk(_))));
}

impl Home {
    fn process_that_failed(self, kind: std::io::ErrorKind) -> Process<'static> {
        let home: &'static Home = Box::leak(Box::new(self));
        let mut process = home.process();
        process.spool.fail(AppendError::Disk(kind), NOW);
        process
    }
}

#[test]
fn a_broken_disk_is_left_alone_for_a_second() {
    let mut process = Home::new().process_that_failed(std::io::ErrorKind::Other);
    let frame = Frame { day: 1, digest: [0; 16], wire: EXTENDED, json: b"x" };
    let mut at = |unix_ms| process.spool.append(&frame, unix_ms, &Counts::default()).is_ok();
    assert!(!at(NOW));
    assert!(!at(NOW + 999));
    assert!(at(NOW + 1_000));
    let mut process = Home::new().process_that_failed(std::io::ErrorKind::Other);
    assert!(process.spool.append(&frame, 0, &Counts::default()).is_ok(), "the clock was set back by years");
}

/// The child of the test below: appends until it is killed, and says after each event that it is safe.
#[test]
fn appends_until_it_is_killed() {
    let Some(base) = std::env::var_os("TELEMETRY_TEST_KILLED") else { return };
    let sdk = SdkDir::open(base.as_ref(), "acme-ui", true).unwrap().unwrap();
    let (mut spool, mut backlog) = open(Arc::new(sdk), "app");
    let tally = Counts::default();
    let mut out = std::io::stderr();
    for number in 0_u64.. {
        let json = number.to_string();
        let frame = Frame { day: day_of(NOW), digest: [0; 16], wire: EXTENDED, json: json.as_bytes() };
        spool.append(&frame, NOW + number, &tally).unwrap();
        writeln!(out, "safe {number}").unwrap();
        if number % 100 == 99 {
            // Freezing is where a kill could double or lose; nothing is sent, so everything must be found again.
            spool.seal();
            if let Some(batch) = backlog.next(NOW, &tally) {
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
        next.backlog.start(NOW, &next.tally);
        let mut events: Vec<u64> = next.send_all().iter().map(|event| event.parse().unwrap()).collect();
        events.sort_unstable();
        let count = events.len() as u64;
        assert_eq!(events, (0..count).collect::<Vec<_>>(), "round {round}: none twice, none missing in between");
        assert!(count > safe.unwrap(), "round {round}: {count} events, but {safe:?} was safe");
        assert_eq!(next.tally.of(Outcome::Corrupt), 0);
    }
}
