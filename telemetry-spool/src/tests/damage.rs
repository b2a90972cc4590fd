//! Damaged, foreign and crowded folders.

use super::*;
use crate::limits::{DAMAGED_BYTES, DAMAGED_FILES, LISTED_ENTRIES};

/// A segment of three events that a dead process left, and its name.
fn left_behind(home: &Home) -> (String, Vec<u8>) {
    let mut process = home.process();
    for event in EVENTS {
        process.append(event);
    }
    process.die();
    let name = home.names().remove(0);
    let bytes = fs::read(home.spool_file(&name)).unwrap();
    (name, bytes)
}

const EVENTS: [&str; 3] = ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"];

/// What a start finds in `bytes`: every event that was not hit, under the sums of the ledger, and the file set aside.
#[track_caller]
fn survives(home: &Home, name: &str, bytes: &[u8], at_least: usize, what: &str) {
    for name in home.names() {
        fs::remove_file(home.spool_file(&name)).unwrap();
    }
    fs::write(home.spool_file(name), bytes).unwrap();
    let mut next = home.process();
    next.start(NOW);
    let sent = next.send_all();
    assert!(sent.iter().all(|event| EVENTS.contains(&event.as_str())), "{what}: {sent:?}");
    assert!(sent.len() >= at_least && sent.is_sorted(), "{what}: {sent:?}");
    let corrupt = next.tally.of(Outcome::Corrupt);
    assert_eq!(next.tally.recovered(), sent.len() as u64 + corrupt, "{what}");
    assert_eq!(home.count(".damaged"), usize::from(corrupt > 0), "{what}: {:?}", home.names());
    assert_eq!(home.names().len(), 1 + usize::from(corrupt > 0), "{what}: {:?}", home.names());
}

/// C10 of the catalogue, through the whole of a start.
#[test]
fn r11_c10_damage_anywhere_costs_what_it_hits() {
    let home = Home::new();
    let (name, whole) = left_behind(&home);
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xFF;
        survives(&home, &name, &bytes, 2, &format!("byte {place} flipped"));
        bytes.copy_from_slice(&whole);
        bytes[place..(place + 8).min(whole.len())].fill(0);
        survives(&home, &name, &bytes, 1, &format!("zeros from {place}"));
        survives(&home, &name, &whole[..place], 0, &format!("cut at {place}"));
    }
    for tail in [&b"\0\0\0\0"[..], &[0xFF; 64], b"{\"n\":4}", &[0x00, 0x00, 0x00, 0x7F, 1, 1, 1, 1]] {
        survives(&home, &name, &[&whole, tail].concat(), 3, "garbage behind it");
    }
}

/// A plan says what its bytes must be: what was damaged since is not sent, and what was not is sent under another key.
#[test]
fn a_segment_that_is_damaged_after_it_was_planned_delivers_what_is_whole() {
    let home = Home::new();
    let mut process = home.process();
    EVENTS.iter().for_each(|event| process.append(event));
    let batch = process.next().unwrap();
    let key = batch.key().to_owned();
    process.put_back(batch);
    process.die();
    let name = home.names().into_iter().find(|name| name.ends_with(".part")).unwrap();
    let mut bytes = fs::read(home.spool_file(&name)).unwrap();
    let last = bytes.len() - 10;
    bytes[last] ^= 1;
    fs::write(home.spool_file(&name), &bytes).unwrap();
    let mut next = home.process();
    let batch = next.next().unwrap();
    assert!(batch.key() != key);
    assert_eq!(texts(&batch), EVENTS[..2]);
    next.finish(batch, Outcome::Sent);
    assert!(next.next().is_none());
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Sent), next.tally.of(Outcome::Corrupt)), (3, 2, 1));
    let aside = name.replace(".part", ".damaged");
    assert_eq!(home.names(), [aside.clone(), "lock".to_owned()]);
    assert_eq!(fs::read(home.spool_file(&aside)).unwrap(), bytes);
    assert!(home.process().send_all().is_empty(), "what was set aside is read by nobody");
    next.spool.erase(&next.tally);
    assert!(home.names().is_empty(), "`off` removes it too");
}

/// A plan whose segment was replaced, cut or removed sends nothing of it.
#[test]
fn o21_a_plan_sends_its_own_bytes_or_none() {
    type Harm = fn(&std::path::Path);
    let harms: [(&str, Harm); 3] = [
        ("removed", |path| fs::remove_file(path).unwrap()),
        ("cut", |path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(40).unwrap()),
        ("replaced", |path| {
            let home = Home::new();
            let mut other = home.process();
            ["{\"n\":7}", "{\"n\":8}", "{\"n\":9}"].iter().for_each(|event| other.append(event));
            fs::copy(home.spool_file(&home.names()[0]), path).unwrap();
        }),
    ];
    for (what, harm) in harms {
        let home = Home::new();
        let mut process = home.process();
        EVENTS.iter().for_each(|event| process.append(event));
        let batch = process.next().unwrap();
        let key = batch.key().to_owned();
        process.put_back(batch);
        process.die();
        harm(&home.spool_file(&home.names().into_iter().find(|name| name.ends_with(".part")).unwrap()));
        let mut next = home.process();
        while let Some(batch) = next.next() {
            assert!(batch.key() != key, "{what}");
            assert!(texts(&batch).iter().all(|event| !EVENTS.contains(&event.as_str())), "{what}");
            next.finish(batch, Outcome::Sent);
        }
        assert_eq!(home.count(".plan") + home.count(".done"), 0, "{what}: {:?}", home.names());
    }
}

#[test]
fn few_damaged_files_are_kept_and_the_newest_of_them() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{}");
    process.die();
    let garbage = vec![b'x'; DAMAGED_BYTES as usize / 4];
    let names: Vec<_> = (0..3 * DAMAGED_FILES as u64).map(|number| uuid7(NOW + number).unwrap()).collect();
    for (number, name) in names.iter().enumerate() {
        // First many small ones, then few large ones.
        let size = if number < 2 * DAMAGED_FILES { 100 } else { garbage.len() };
        fs::write(home.spool_file(&format!("{name}.part")), &garbage[..size]).unwrap();
    }
    let mut next = home.process();
    assert_eq!(next.send_all(), ["{}"]);
    assert_eq!(next.tally.of(Outcome::Corrupt), names.len() as u64);
    let kept: Vec<_> = home.names().into_iter().filter(|name| name.ends_with(".damaged")).collect();
    let newest: Vec<_> = names[names.len() - 4..].iter().map(|name| format!("{name}.damaged")).collect();
    assert_eq!(kept, newest);
    assert!(next.backlog.is_empty(), "nothing to send");
    next.start(NOW + u64::from(KEPT_DAYS + 2) * DAY_MS);
    assert_eq!((home.count(".damaged"), next.tally.of(Outcome::Expired)), (0, 0));
}

#[test]
fn what_was_set_aside_makes_room_first() {
    let home = Home::new();
    let mut dead = home.process();
    let yesterday = dead.frame(EXTENDED, day_of(NOW) - 1, "old");
    dead.spool.append(&yesterday, NOW - DAY_MS, &dead.tally).unwrap();
    dead.die();
    // Newer than any segment of these tests, and still the first to go.
    let name = format!("{}.damaged", uuid7(NOW + DAY_MS).unwrap());
    fs::write(home.spool_file(&name), vec![0; SPOOL_BYTES as usize]).unwrap();
    let mut process = home.process();
    process.append("new");
    assert_eq!((home.count(".damaged"), home.count(".part")), (0, 2));
    assert_eq!(process.tally.ended(), 0);
}

/// Plans and what became of them are no events: however large somebody makes one, nothing goes for it.
#[test]
fn o26_what_is_temporary_evicts_nothing() {
    let home = Home::new();
    let mut dead = home.process();
    let yesterday = dead.frame(EXTENDED, day_of(NOW) - 1, "old");
    dead.spool.append(&yesterday, NOW - DAY_MS, &dead.tally).unwrap();
    dead.die();
    let large = vec![b'x'; SPOOL_BYTES as usize + 1];
    let id = uuid7(NOW).unwrap();
    for ending in ["plan", "done", "freeze", "batch.new", "ready.new", "freeze.new"] {
        fs::write(home.spool_file(&format!("{id}.{ending}")), &large).unwrap();
    }
    let mut process = home.process();
    process.append("new");
    assert_eq!((process.tally.ended(), home.count(".part")), (0, 2));
    assert_eq!(process.send_all(), ["old", "new"]);
}

/// What another version wrote, earlier or later, is left to it.
#[test]
fn o21_another_format_is_left_to_who_knows_it() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{}");
    process.die();
    let other = |magic: &[u8; 8]| [&crate::format::frame::header(magic)[..], b"who knows"].concat();
    let files = [("part", b"TLMSPL4\n"), ("part", b"TLMSPL2\n"), ("ready", b"TLMSPL1\n"), ("batch", b"TLMBAT1\n")]
        .map(|(ending, magic)| (format!("{}.{ending}", uuid7(NOW).unwrap()), other(magic)));
    for (name, bytes) in &files {
        fs::write(home.spool_file(name), bytes).unwrap();
    }
    let mut next = home.process();
    next.start(NOW);
    next.append("{\"n\":2}");
    let mut sent = next.send_all();
    sent.sort();
    assert_eq!(sent, ["{\"n\":2}", "{}"]);
    assert_eq!((next.tally.recovered(), next.tally.ended()), (1, 2), "nothing of theirs was counted");
    for (name, bytes) in &files {
        assert_eq!(&fs::read(home.spool_file(name)).unwrap(), bytes, "{name}");
    }
    // Its program may never be started again, and the disk is not ours to fill.
    next.start(NOW + u64::from(KEPT_DAYS + 2) * DAY_MS);
    assert_eq!((home.names(), next.tally.ended()), (vec!["lock".to_owned()], 2));
}

#[test]
fn segments_keep_their_order_within_a_millisecond() {
    let home = Home::new();
    let mut process = home.process();
    let json = "x".repeat(FRAME_BYTES - 2);
    for number in 0..60 {
        process.append(&format!("{number:02}{json}"));
    }
    assert!(home.count(".part") > 3);
    let sent: Vec<_> = process.send_all().iter().map(|event| event[..2].to_owned()).collect();
    assert!(sent.len() == 60 && sent.is_sorted(), "{sent:?}");
}

/// C10: however many files others put into our folder, a start is short, and adds nothing to them.
#[test]
#[cfg(target_os = "linux")]
fn r09_c10_a_crowded_folder_costs_no_time_and_gets_no_fuller() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{}");
    process.die();
    let first = home.spool_file("photo-0.jpg");
    fs::write(&first, "").unwrap();
    for number in 1..30_000 {
        fs::hard_link(&first, home.spool_file(&format!("photo-{number}.jpg"))).unwrap();
    }
    let mut next = home.process();
    // The time that this thread computed, so that it does not matter what else the machine does.
    let cpu = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        std::time::Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let quickest = (0..5)
        .map(|_| {
            let begun = cpu();
            next.start(NOW);
            let _ = next.next();
            let _ = next.try_append(EXTENDED, 1, "{}");
            cpu() - begun
        })
        .min()
        .unwrap();
    assert!(quickest < std::time::Duration::from_millis(50), "{quickest:?}");
    assert!(home.count(".part") <= 1, "no segment is added to a crowded folder");
    // A few of ours among them do no harm either; a folder that is almost crowded is used.
    for number in LISTED_ENTRIES - 20..30_000 {
        fs::remove_file(home.spool_file(&format!("photo-{number}.jpg"))).unwrap();
    }
    let mut again = home.process();
    again.append("{\"n\":2}");
    assert_eq!(again.send_all().len(), 2);
    again.spool.erase(&again.tally);
    assert_eq!(home.names().len(), LISTED_ENTRIES - 20, "theirs stay");
}

/// Millions of files of our own would be R9 all over: whoever starts next removes some of them, and counts them.
#[test]
fn r09_a_folder_full_of_our_own_files_shrinks() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{}");
    process.die();
    let name = home.names().remove(0);
    for number in 0..3_000_u64 {
        fs::copy(home.spool_file(&name), home.spool_file(&format!("{}.part", uuid7(NOW + number).unwrap()))).unwrap();
    }
    let mut process = home.process();
    let mut refused = 0;
    // The next day, so that a segment is to be begun. A refusal means a pause of a second.
    for second in 0..20 {
        let frame = process.frame(EXTENDED, 1, "{}");
        let now = NOW + DAY_MS + second * 1_001;
        refused += u64::from(process.spool.append(&frame, now, &process.tally).is_err());
    }
    assert!((1..20).contains(&refused), "{refused}");
    assert!(home.names().len() <= SPOOL_FILES + 1, "{}", home.names().len());
    assert_eq!(process.tally.recovered(), process.tally.of(Outcome::Evicted));
}

/// A process that dies at any change to the disk while it halves a batch leaves the whole or both halves, never a part.
#[test]
fn r07_c01_a_halving_that_dies_anywhere_loses_and_doubles_nothing() {
    for at in 1.. {
        let home = Home::new();
        let mut process = home.process();
        EVENTS.iter().for_each(|event| process.append(event));
        let batch = process.next().unwrap();
        crash::die_at(at, 0);
        process.backlog.halve(batch, &process.tally);
        let died = crash::is_dead();
        process.die();
        crash::revive();
        let mut next = home.process();
        next.start(NOW);
        let mut events = next.send_all();
        events.sort();
        assert_eq!(events, EVENTS, "died at change {at}");
        assert_eq!(home.names(), ["lock"], "died at change {at}");
        if !died {
            assert!(at > 5, "only {at} changes");
            return;
        }
    }
}
