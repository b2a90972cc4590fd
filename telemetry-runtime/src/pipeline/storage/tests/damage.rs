//! Damaged, foreign and crowded folders.

use super::*;
use crate::pipeline::limits::{DAMAGED_BYTES, DAMAGED_FILES, LISTED_ENTRIES};

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
    next.backlog.start(NOW, &next.tally);
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

#[test]
fn a_damaged_batch_delivers_what_is_whole_and_is_set_aside() {
    let home = Home::new();
    let mut process = home.process();
    EVENTS.iter().for_each(|event| process.append(event));
    process.spool.seal();
    let batch = process.backlog.next(NOW, &process.tally).unwrap();
    let key = batch.key().to_owned();
    process.backlog.put_back(batch, &process.tally);
    process.die();
    let path = home.spool_file(&format!("{key}.batch"));
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    let mut next = home.process();
    assert_eq!(next.send_all(), EVENTS[..2]);
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Sent), next.tally.of(Outcome::Corrupt)), (3, 2, 1));
    assert_eq!(home.names(), [format!("{key}.damaged"), "lock".to_owned()]);
    assert_eq!(fs::read(home.spool_file(&format!("{key}.damaged"))).unwrap(), bytes);
    assert!(home.process().send_all().is_empty(), "what was set aside is read by nobody");
    next.spool.erase(&next.tally);
    assert!(home.names().is_empty(), "`off` removes it too");
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
        fs::write(home.spool_file(&format!("{name}.ready")), &garbage[..size]).unwrap();
    }
    let mut next = home.process();
    assert_eq!(next.send_all(), ["{}"]);
    assert_eq!(next.tally.of(Outcome::Corrupt), names.len() as u64);
    let kept: Vec<_> = home.names().into_iter().filter(|name| name.ends_with(".damaged")).collect();
    let newest: Vec<_> = names[names.len() - 4..].iter().map(|name| format!("{name}.damaged")).collect();
    assert_eq!(kept, newest);
    assert!(next.backlog.is_empty(), "nothing to send");
    next.backlog.start(NOW + u64::from(KEPT_DAYS + 2) * DAY_MS, &next.tally);
    assert_eq!((home.count(".damaged"), next.tally.of(Outcome::Expired)), (0, 0));
}

#[test]
fn what_was_set_aside_makes_room_first() {
    let home = Home::new();
    let mut dead = home.process();
    dead.append("old");
    dead.die();
    // Newer than any segment of these tests, and still the first to go.
    let name = format!("{}.damaged", uuid7(NOW + DAY_MS).unwrap());
    fs::write(home.spool_file(&name), vec![0; SPOOL_BYTES as usize]).unwrap();
    let mut process = home.process();
    process.append("new");
    assert_eq!((home.count(".damaged"), home.count(".ready"), home.count(".part")), (0, 1, 1));
    assert_eq!(process.tally.ended(), 0);
}

#[test]
fn a_later_format_is_left_to_who_knows_it() {
    let home = Home::new();
    let mut process = home.process();
    process.append("{}");
    process.die();
    let later = |magic: &[u8; 8]| [&frame::header(magic, 3)[..], b"who knows"].concat();
    let names = [format!("{}.ready", uuid7(NOW).unwrap()), format!("{}.batch", uuid7(NOW).unwrap())];
    fs::write(home.spool_file(&names[0]), later(b"TLMSPL2\n")).unwrap();
    fs::write(home.spool_file(&names[1]), later(b"TLMBAT7\n")).unwrap();
    let mut next = home.process();
    next.backlog.start(NOW, &next.tally);
    assert_eq!(next.send_all(), ["{}"]);
    assert_eq!((next.tally.recovered(), next.tally.ended()), (1, 1), "nothing of theirs was counted");
    assert_eq!(fs::read(home.spool_file(&names[0])).unwrap(), later(b"TLMSPL2\n"));
    assert_eq!(fs::read(home.spool_file(&names[1])).unwrap(), later(b"TLMBAT7\n"));
    // Its program may never be started again, and the disk is not ours to fill.
    next.backlog.start(NOW + u64::from(KEPT_DAYS + 2) * DAY_MS, &next.tally);
    assert_eq!((home.count(".ready"), home.count(".batch")), (0, 0));
}

#[test]
fn segments_keep_their_order_within_a_millisecond() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..60 {
        process.append(&format!("{number:02}"));
        process.spool.seal();
    }
    let sent = process.send_all();
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
            next.backlog.start(NOW, &next.tally);
            let _ = next.backlog.next(NOW, &next.tally);
            let _ =
                next.spool.append(&Frame { day: 1, digest: [0; 16], wire: EXTENDED, json: b"{}" }, NOW, &next.tally);
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
    again.spool.seal();
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
        fs::copy(home.spool_file(&name), home.spool_file(&format!("{}.ready", uuid7(NOW + number).unwrap()))).unwrap();
    }
    let mut process = home.process();
    let mut refused = 0;
    // A refusal means a pause of a second.
    for second in 0..20 {
        let frame = Frame { day: 1, digest: [0; 16], wire: EXTENDED, json: b"{}" };
        refused += u64::from(process.spool.append(&frame, NOW + second * 1_001, &process.tally).is_err());
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
        process.spool.seal();
        let batch = process.backlog.next(NOW, &process.tally).unwrap();
        crash::die_at(at, 0);
        process.backlog.halve(batch, &process.tally);
        let died = crash::is_dead();
        process.die();
        crash::revive();
        let mut next = home.process();
        next.backlog.start(NOW, &next.tally);
        let mut events = next.send_all();
        events.sort();
        assert_eq!(events, EVENTS, "died at change {at}");
        assert_eq!(home.names(), ["lock"], "died at change {at}");
        if !died {
            assert!(at > 8, "only {at} changes");
            return;
        }
    }
}
