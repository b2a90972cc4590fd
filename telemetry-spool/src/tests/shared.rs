//! Segments that several processes append to.

use super::*;
use crate::limits::{DESCRIPTORS, SEGMENT_TRIES, test::ALL_BYTES as SDK_SPOOL_BYTES};

/// 300 short runs a day add bytes and not files, whatever the wire format, and all of them are delivered.
#[test]
fn o21_a_run_adds_bytes_and_not_a_file() {
    for wire in [EXTENDED, STRICT, REPORT, BEACON] {
        let home = Home::new();
        for run in 0..402 {
            let mut process = home.process();
            process.try_append(wire, day_of(NOW), &run.to_string()).unwrap();
            assert_eq!(process.die().ended(), 0, "nothing goes");
        }
        assert_eq!(home.names().len(), 1, "{wire:?}: {:?}", home.names());
        let mut sender = home.process();
        sender.start(NOW);
        let sent = sender.send_all();
        assert_eq!(sent, (0..402).map(|run| run.to_string()).collect::<Vec<_>>(), "{wire:?}");
        assert_eq!((sender.tally.recovered(), home.names()), (402, vec!["lock".to_owned()]));
    }
}

/// A day on which nobody answers: full segments stand before the one that has room.
#[test]
fn o21_many_full_segments_of_a_day_hide_none_that_has_room() {
    let home = Home::new();
    let large = format!("\"{}\"", "x".repeat(FRAME_BYTES - 2));
    let mut process = home.process();
    while home.count(".part") < SEGMENT_TRIES + 2 {
        process.append(&large);
    }
    process.die();
    let before = home.count(".part");
    for run in 0..20 {
        let mut process = home.process();
        process.append(&run.to_string());
        process.die();
    }
    assert_eq!(home.count(".part"), before, "{:?}", home.names());
}

/// The lock is tried and never waited for.
#[test]
fn o21_where_a_segment_is_busy_another_one_is_written() {
    let home = Home::new();
    let mut first = home.process();
    first.append("1");
    let busy = fs::OpenOptions::new().append(true).open(home.spool_file(&home.names()[0])).unwrap();
    busy.lock().unwrap();
    let mut second = home.process();
    second.append("2");
    first.append("3");
    assert_eq!(home.count(".part"), 2, "both share the other one");
    busy.unlock().unwrap();
    home.process().append("4");
    assert_eq!(home.count(".part"), 2);
    let mut sent = second.send_all();
    sent.sort();
    assert_eq!(sent, ["1", "2", "3", "4"]);
}

/// Between opening and locking a segment may be removed, and another file may stand under its name.
#[test]
fn o21_a_segment_that_went_before_its_lock_is_not_written_to() {
    for replaced in [false, true] {
        let home = Home::new();
        let mut one = home.process();
        one.append("1");
        let name = home.names().remove(0);
        let path = home.spool_file(&name);
        let moved = home.file("moved away");
        fs::rename(&path, &moved).unwrap();
        if replaced {
            fs::copy(&moved, &path).unwrap();
        }
        let before = fs::read(&moved).unwrap();
        // The spool has the file open under its old name.
        let frame = one.frame(EXTENDED, day_of(NOW), "2");
        assert_eq!(one.spool.append(&frame, NOW, &one.tally), Err(AppendError::Vanished), "replaced: {replaced}");
        one.spool.append(&frame, NOW, &one.tally).unwrap();
        assert_eq!(fs::read(&moved).unwrap(), before);
        let sent = one.send_all();
        assert_eq!(sent.last().map(String::as_str), Some("2"), "replaced: {replaced}");
    }
}

/// A process is killed in the middle of a write, after any number of bytes. Others append behind that, and only the event
/// that was being written is lost.
#[test]
fn o21_whoever_appends_behind_a_torn_write_is_read() {
    let home = Home::new();
    let frame_bytes = home.process().frame(EXTENDED, 0, "{\"n\":2}").len_on_disk();
    for torn in (0..=255).step_by(3) {
        let home = Home::new();
        let mut one = home.process();
        one.append("{\"n\":1}");
        let mut dies = home.process();
        crash::die_at(1, torn);
        assert!(dies.try_append(EXTENDED, day_of(NOW), "{\"n\":2}").is_err());
        crash::revive();
        dies.die();
        let mut next = home.process();
        next.append("{\"n\":3}");
        one.append("{\"n\":4}");
        let sent = home.process_that_sends();
        let kept: Vec<_> = ["{\"n\":1}", "{\"n\":3}", "{\"n\":4}"].map(str::to_owned).into();
        let with_torn: Vec<_> = sent.events.iter().filter(|event| *event != "{\"n\":2}").cloned().collect();
        assert_eq!(with_torn, kept, "torn at {torn} of 255");
        let whole = sent.events.len() == 4;
        let written = frame_bytes * usize::from(torn) / 255;
        assert_eq!(sent.corrupt, u64::from(written > 0 && !whole), "torn at {torn} of 255");
    }
}

struct Sent {
    events: Vec<String>,
    corrupt: u64,
}

impl Home {
    fn process_that_sends(&self) -> Sent {
        let mut process = self.process();
        let events = process.send_all();
        Sent { events, corrupt: process.tally.of(Outcome::Corrupt) }
    }
}

/// A write that a full disk cuts short is taken back; where that fails as well, what others write is read all the same.
#[test]
fn o21_the_same_bytes_go_under_the_same_key_in_every_process() {
    let home = Home::new();
    let mut one = home.process();
    (0..250).for_each(|number| one.append(&number.to_string()));
    let mut seen: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for _ in 0..4 {
        let mut process = home.process();
        // Meanwhile others append: what was planned stays what it is.
        home.process().append("more");
        let mut batches = Vec::new();
        while let Some(mut batch) = process.next() {
            let events = texts(&batch);
            let known = seen.entry(batch.key().to_owned()).or_insert_with(|| events.clone());
            assert_eq!(*known, events);
            (0..ATTEMPTS).for_each(|_| batch.attempted(true));
            batches.push(batch.key().to_owned());
            process.put_back(batch);
        }
        assert!(batches.len() >= 3, "{batches:?}");
    }
}

/// Hours of events while the server cannot be reached: what waits holds no descriptor.
#[test]
#[cfg(target_os = "linux")]
fn o02_what_waits_holds_no_descriptor() {
    let ours = |home: &Home| {
        let of_home = |path: std::path::PathBuf| path.starts_with(home.path());
        let links = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        links.filter(|link| of_home(link.clone())).count()
    };
    let home = Home::new();
    let mut process = home.process();
    process.start(NOW);
    let json = "x".repeat(8 * 1024);
    for second in 0..600 {
        let frame = process.frame(if second % 2 == 0 { REPORT } else { EXTENDED }, day_of(NOW), &json);
        let appended = process.spool.append(&frame, NOW + second * 5_000, &process.tally);
        assert!(appended.is_ok() || appended == Err(AppendError::Vanished), "{appended:?}");
        if let Some(mut batch) = process.next_at(NOW + second * 5_000) {
            batch.attempted(false);
            assert!(ours(&home) <= DESCRIPTORS, "{}", ours(&home));
            process.put_back(batch);
        }
        assert!(ours(&home) <= 4, "{} after {second} times 5 s", ours(&home));
    }
    assert!(home.count(".part") > 4 && home.count(".plan") > 8, "{:?}", home.names());
}

/// Whoever dies while plans are made, and fills the spool with what it left, costs nothing that was below the quota.
#[test]
fn o23_a_death_in_the_middle_of_planning_evicts_nothing() {
    for at in 1.. {
        let home = Home::new();
        let mut dies = home.process();
        let json = "x".repeat(2 * 1024);
        // Below the quota, and above it if anything were there twice.
        let events = 2 * SPOOL_BYTES / 3 / json.len() as u64;
        for number in 0..events {
            dies.append(&format!("{number:05}{json}"));
        }
        crash::die_at(at, 0);
        let batch = dies.next();
        let died = crash::is_dead();
        drop(batch);
        dies.die();
        crash::revive();
        let mut next = home.process();
        for number in events..events + 200 {
            next.append_at(NOW + 60_000, &format!("{number:05}{json}"));
        }
        assert_eq!((next.tally.of(Outcome::Evicted), next.tally.recovered()), (0, 0), "died at change {at}");
        let sent: Vec<u64> = next.send_all().iter().map(|event| event[..5].parse().unwrap()).collect();
        assert_eq!(sent, (0..events + 200).collect::<Vec<_>>(), "died at change {at}");
        assert_eq!(next.tally.recovered(), events, "died at change {at}");
        if !died {
            assert!(at > 3, "only {at} changes");
            break;
        }
    }
}

/// What an eviction counts is what was lost, once, whatever had ended before.
#[test]
fn o23_an_eviction_counts_what_it_evicts() {
    let home = Home::new();
    let mut dead = home.process();
    let json = "x".repeat(FRAME_BYTES - 5);
    let events = SPOOL_BYTES / FRAME_BYTES as u64 - 8;
    for number in 0..events {
        // Three that go alone, at the beginning of the oldest segment.
        let wire = if number < 3 { REPORT } else { EXTENDED };
        dead.try_append(wire, day_of(NOW), &format!("{number:05}{json}")).unwrap();
    }
    // They have ended, and their bytes wait for the others of their segment.
    let ended = 3;
    for number in 0..ended {
        let batch = dead.next().unwrap();
        assert!(texts(&batch)[0].starts_with(&format!("{number:05}")));
        dead.finish(batch, Outcome::Sent);
    }
    dead.die();
    let mut next = home.process();
    for number in events..2 * events {
        next.append_at(NOW + 60_000, &format!("{number:05}{json}"));
    }
    let evicted = next.tally.of(Outcome::Evicted);
    assert!(evicted > 0);
    assert_eq!(next.tally.recovered(), evicted.min(events - ended), "of the dead one's");
    let sent = next.send_all();
    assert_eq!(sent.len() as u64 + evicted + ended, 2 * events);
    assert_eq!(next.tally.recovered(), events - ended);
    let first: u64 = sent[0][..5].parse().unwrap();
    assert_eq!(first, evicted + ended, "the oldest went");
}

/// One SDK in many programs: all of them together are within a bound, the oldest goes first, and each is looked at.
#[test]
fn o25_all_host_programs_together_are_bounded() {
    let home = Home::new();
    let sdk = Arc::new(home.sdk());
    let json = vec![b'x'; 4 * 1024];
    let each = 9;
    for host in 0..300_u64 {
        let tally = Counts::default();
        let (mut spool, _backlog) = open(sdk.clone(), &format!("host-{host:03}"), HERE, &LIMITS);
        for _ in 0..each {
            let frame = Frame { day: day_of(NOW), digest: [1; 16], destination: HERE, kind: EXTENDED, body: &json };
            spool.append(&frame, NOW + host, &tally).unwrap();
        }
        own::forget_all(&spool_folder::Owner { folder: format!("{}/host-{host:03}", sdk.path()), destination: HERE });
    }
    let bytes = || -> u64 {
        let hosts =
            fs::read_dir(home.file("spool")).unwrap().map(|host| host.unwrap().path()).filter(|path| path.is_dir());
        let files = hosts.flat_map(|host| fs::read_dir(host).unwrap());
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    };
    assert!(bytes() > SDK_SPOOL_BYTES);
    let mut process = home.process();
    process.start(NOW);
    assert!(bytes() <= SDK_SPOOL_BYTES && bytes() > SDK_SPOOL_BYTES / 10 * 9, "{}", bytes());
    let evicted = process.tally.of(Outcome::Evicted);
    assert_eq!(process.tally.recovered(), evicted);
    let empty = |host: u64| {
        fs::read_dir(home.file(&format!("spool/host-{host:03}")))
            .unwrap()
            .all(|file| file.unwrap().file_name() == "lock")
    };
    let gone = evicted / each;
    assert!(gone > 50 && (0..300).all(|host| empty(host) == (host < gone)), "the oldest {gone} went");
    // All of them, and not the first 256 names only.
    process.start(NOW + 16 * DAY_MS);
    assert_eq!((bytes(), process.tally.ended()), (0, 300 * each));
    assert_eq!(process.tally.of(Outcome::Expired), 300 * each - evicted);
}

/// Where one look cannot see all folders, the next one goes on where it ended.
#[test]
fn o25_every_folder_has_its_turn() {
    let home = Home::new();
    let sdk = Arc::new(home.sdk());
    for host in 0..30 {
        let tally = Counts::default();
        let (mut spool, _backlog) = open(sdk.clone(), &format!("host-{host:02}"), HERE, &LIMITS);
        let frame = Frame { day: day_of(NOW), digest: [1; 16], destination: HERE, kind: EXTENDED, body: b"{}" };
        spool.append(&frame, NOW, &tally).unwrap();
        // More than the budget of one look, all together.
        for number in 0..1_000 {
            fs::write(home.file(&format!("spool/host-{host:02}/photo-{number}.jpg")), "").unwrap();
        }
    }
    let mut looks = 0;
    let mut process = home.process();
    while process.tally.ended() < 30 {
        process.start(NOW + 16 * DAY_MS);
        looks += 1;
        assert!(looks < 10, "{} of 30 after {looks} looks", process.tally.ended());
    }
    assert!(looks > 1);
}

#[test]
fn o21_files_are_bounded_too_and_what_is_being_sent_is_not_evicted() {
    let home = Home::new();
    let mut first = home.process();
    first.append("on its way");
    let flying = first.next().unwrap();
    let source = home.spool_file(&home.names().into_iter().find(|name| name.ends_with(".part")).unwrap());
    // As if hundreds of processes had written at the same moment.
    for number in 1..SPOOL_FILES as u64 + 5 {
        fs::copy(&source, home.spool_file(&format!("{}.part", uuid7(NOW + number).unwrap()))).unwrap();
    }
    let mut second = home.process();
    let frame = second.frame(EXTENDED, day_of(NOW) + 1, "the next day");
    second.spool.append(&frame, NOW + DAY_MS, &second.tally).unwrap();
    assert_eq!(home.count(".part"), SPOOL_FILES);
    assert!(source.exists() && first.backlog.holds(&flying));
    assert_eq!(second.tally.recovered(), second.tally.of(Outcome::Evicted));
}

/// One event of a process was sent by another one and one waits, in one segment.
fn sent_in_part_by_another(home: &Home) -> (Process, Process) {
    let (mut one, mut other) = (home.process(), home.process());
    one.append("{\"n\":1}");
    let batch = other.next().unwrap();
    one.append("{\"n\":2}");
    other.finish(batch, Outcome::Sent);
    assert_eq!((home.count(".part"), home.count(".done")), (1, 1), "{:?}", home.names());
    (one, other)
}

/// What another process has sent is none of what is lost with the rest of its segment.
#[test]
fn o23_what_another_process_has_sent_is_not_corrupt_where_its_segment_ends() {
    let home = Home::new();
    let (mut one, _other) = sent_in_part_by_another(&home);
    one.spool.erase(&one.tally);
    let said = ["elsewhere", "erased", "corrupt", "recovered"].map(|word| one.tally.get(word));
    assert_eq!(said, [1, 1, 0, 0]);
}

/// As it is with a segment that is gone: nobody erases what was sent.
#[test]
fn o23_what_another_process_has_sent_is_not_opted_out() {
    let home = Home::new();
    let (mut one, mut other) = (home.process(), home.process());
    one.append("{\"n\":1}");
    assert_eq!(other.send_all().len(), 1);
    assert_eq!(home.count(".part"), 0, "{:?}", home.names());
    one.spool.erase(&one.tally);
    let said = ["elsewhere", "erased", "corrupt", "recovered"].map(|word| one.tally.get(word));
    assert_eq!(said, [1, 0, 0, 0]);
}
