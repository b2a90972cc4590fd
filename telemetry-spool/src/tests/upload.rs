//! Uploads of several requests in one file, ended one by one.

use std::{collections::BTreeMap, fs};

use crate::{
    day::day_of,
    limits::UPLOAD_BATCHES,
    spooled_frames,
    tally::Outcome,
    tests::{
        crash,
        kit::{BEACON, HERE, Home, NOW, Process, texts},
    },
};

/// Frames that travel alone: as many requests.
const FRAMES: usize = UPLOAD_BATCHES + 1;

fn record(process: &mut Process) {
    for number in 0..FRAMES {
        let _ = process.try_append(BEACON, day_of(NOW), &format!("{{\"n\":{number}}}"));
    }
}

/// The keys under which each text was sent.
type Sent = BTreeMap<String, Vec<String>>;

/// One upload: each batch goes to `answer`, which says whether to go on.
fn upload(process: &mut Process, sent: &mut Sent, mut answer: impl FnMut(usize) -> bool) {
    process.backlog.begin_upload();
    let mut number = 0;
    while let Some(batch) = process.backlog.next(NOW, &|_| true, &process.tally) {
        for text in texts(&batch) {
            sent.entry(text).or_default().push(batch.key().to_owned());
        }
        if !answer(number) {
            process.backlog.put_back(batch, &process.tally);
            break;
        }
        process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
        number += 1;
    }
    process.backlog.end_upload(NOW, &process.tally);
}

/// All were sent, and each under one key.
fn check(sent: &Sent, what: &str) {
    assert_eq!(sent.len(), FRAMES, "{what}: {sent:?}");
    for (text, keys) in sent {
        assert!(keys.iter().all(|key| *key == keys[0]), "{what}: {text} under {keys:?}");
    }
}

#[test]
fn o21_the_requests_of_an_upload_stand_in_one_file() {
    let home = Home::new();
    let (mut process, mut sent) = (home.process(), Sent::new());
    record(&mut process);
    upload(&mut process, &mut sent, |number| {
        assert_eq!((home.count(".plan"), home.count(".upload"), home.count(".done")), (0, 1, 0), "request {number}");
        let waiting = spooled_frames(&home.sdk(), &HERE);
        assert_eq!(waiting, Some((FRAMES - number) as u64), "those that have ended are marked");
        true
    });
    check(&sent, "sent");
    assert!(sent.values().all(|keys| keys.len() == 1));
    assert_eq!((process.tally.of(Outcome::Sent), home.names()), (FRAMES as u64, vec!["lock".to_owned()]));
}

#[test]
fn o21_what_is_left_of_an_upload_goes_on_under_its_keys_in_any_process() {
    for ended in 0..FRAMES {
        let home = Home::new();
        let (mut process, mut sent) = (home.process(), Sent::new());
        record(&mut process);
        upload(&mut process, &mut sent, |number| number < ended);
        assert_eq!(home.count(".upload"), 0, "it was taken apart");
        assert_eq!(home.count(".plan"), FRAMES - ended);
        upload(&mut home.process(), &mut sent, |_| true);
        check(&sent, &format!("{ended} ended"));
        assert_eq!(sent.values().map(Vec::len).sum::<usize>(), FRAMES + 1, "one was tried twice");
        assert_eq!(home.names(), ["lock"]);
    }
}

#[test]
fn o21_another_process_takes_nothing_of_an_upload_that_is_under_way() {
    let home = Home::new();
    let mut process = home.process();
    record(&mut process);
    let batch = process.next().unwrap();
    let mut other = home.process();
    assert!(other.next().is_none());
    process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
    assert!(other.next().is_none(), "between two requests");
    process.backlog.end_upload(NOW, &process.tally);
    assert_eq!(other.send_all().len(), FRAMES - 1);
}

/// `at` is the change to the disk that is the last one; `false` if there are fewer.
fn killed(at: u32, torn: u8) -> bool {
    let what = format!("change {at}, torn {torn}");
    let home = Home::new();
    let (mut process, mut sent) = (home.process(), Sent::new());
    record(&mut process);
    crash::die_at(at, torn);
    upload(&mut process, &mut sent, |number| !crash::is_dead() && number < FRAMES - 1);
    let died = crash::is_dead();
    let counted = process.tally.of(Outcome::Sent);
    crash::revive();
    process.die();
    let mut next = home.process();
    next.start(NOW);
    upload(&mut next, &mut sent, |_| true);
    check(&sent, &what);
    // One whose end the dead process did not get to write down is sent again.
    let ended = counted + next.tally.of(Outcome::Sent);
    assert!((FRAMES as u64..=FRAMES as u64 + 2).contains(&ended), "{what}: {ended}");
    assert_eq!(home.names(), ["lock"], "{what}");
    died
}

#[test]
fn o21_an_upload_that_dies_anywhere_loses_nothing_and_keeps_its_keys() {
    for torn in [0, 128, 255] {
        let changes = (1..).find(|at| !killed(*at, torn)).unwrap_or_default();
        assert!(changes > FRAMES as u32 * 2, "only {changes} changes");
    }
}

/// A process that takes an upload apart dies at it.
fn split_killed(at: u32) -> bool {
    let home = Home::new();
    let (mut process, mut sent) = (home.process(), Sent::new());
    record(&mut process);
    process.backlog.begin_upload();
    for _ in 0..2 {
        let batch = process.backlog.next(NOW, &|_| true, &process.tally).unwrap();
        sent.entry(texts(&batch).remove(0)).or_default().push(batch.key().to_owned());
        process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
    }
    let batch = process.backlog.next(NOW, &|_| true, &process.tally).unwrap();
    sent.entry(texts(&batch).remove(0)).or_default().push(batch.key().to_owned());
    drop(batch);
    process.die();
    assert_eq!(home.count(".upload"), 1);
    let mut second = home.process();
    crash::die_at(at, 128);
    upload(&mut second, &mut sent, |_| !crash::is_dead());
    let died = crash::is_dead();
    crash::revive();
    second.die();
    upload(&mut home.process(), &mut sent, |_| true);
    check(&sent, &format!("change {at}"));
    let first_two = sent.values().filter(|keys| keys.len() == 1).count();
    assert!(first_two >= 2, "change {at}: what has ended is not sent again: {sent:?}");
    assert_eq!(home.names(), ["lock"], "change {at}");
    died
}

#[test]
fn o21_an_upload_that_is_taken_apart_by_who_dies_loses_nothing_and_keeps_its_keys() {
    let changes = (1..).find(|at| !split_killed(*at)).unwrap_or_default();
    assert!(changes > 8, "only {changes} changes");
}

#[test]
fn o21_a_request_of_an_upload_is_halved() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..UPLOAD_BATCHES * 100 {
        process.append(&format!("{{\"n\":{number}}}"));
    }
    process.backlog.begin_upload();
    let first = process.backlog.next(NOW, &|_| true, &process.tally).unwrap();
    process.backlog.finish(first, Outcome::Sent, 100, &process.tally);
    let second = process.backlog.next(NOW, &|_| true, &process.tally).unwrap();
    let key = second.key().to_owned();
    assert!(process.backlog.halve(second, &process.tally));
    let (mut keys, mut events) = (Vec::new(), 100);
    while let Some(batch) = process.backlog.next(NOW, &|_| true, &process.tally) {
        keys.push(batch.key().to_owned());
        events += batch.len();
        let sent = batch.len() as u64;
        process.backlog.finish(batch, Outcome::Sent, sent, &process.tally);
    }
    process.backlog.end_upload(NOW, &process.tally);
    assert_eq!(keys[..2], [format!("{key}-0"), format!("{key}-1")]);
    assert_eq!((events, keys.len()), (UPLOAD_BATCHES * 100, UPLOAD_BATCHES));
    assert_eq!((process.tally.of(Outcome::Sent), home.names().len()), (UPLOAD_BATCHES as u64 * 100, 1));
}

#[test]
fn a_veto_ends_what_is_left_of_an_upload() {
    let home = Home::new();
    let mut process = home.process();
    record(&mut process);
    let batch = process.next().unwrap();
    process.spool.discard_own(NOW, &process.tally);
    process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
    assert!(process.backlog.next(NOW, &|_| true, &process.tally).is_none());
    process.backlog.end_upload(NOW, &process.tally);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.of(Outcome::Discarded)), (1, FRAMES as u64 - 1));
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn what_is_no_longer_agreed_to_is_not_sent_with_the_rest_of_an_upload() {
    let home = Home::new();
    let mut process = home.process();
    record(&mut process);
    let batch = process.next().unwrap();
    process.backlog.finish(batch, Outcome::Sent, 1, &process.tally);
    assert!(process.backlog.next(NOW, &|_| false, &process.tally).is_none());
    process.backlog.end_upload(NOW, &process.tally);
    assert_eq!(home.process().send_all().len(), FRAMES - 1, "it waits");
}

#[test]
fn r11_a_damaged_upload_costs_its_keys_and_no_event() {
    let home = Home::new();
    let (mut process, mut sent) = (home.process(), Sent::new());
    record(&mut process);
    drop(process.next().unwrap());
    process.die();
    let [name] = &*home.names().into_iter().filter(|name| name.ends_with(".upload")).collect::<Vec<_>>() else {
        panic!("one upload")
    };
    let mut bytes = fs::read(home.spool_file(name)).unwrap();
    bytes[20] ^= 1;
    fs::write(home.spool_file(name), bytes).unwrap();
    upload(&mut home.process(), &mut sent, |_| true);
    check(&sent, "damaged");
    assert_eq!(home.names(), ["lock"]);
}

/// What the disk has lost since is no loss where it is still in memory; where the attempt fails, the disk counts.
#[test]
fn what_was_written_is_sent_without_being_read_again() {
    for fails in [false, true] {
        let home = Home::new();
        let (mut process, mut sent) = (home.process(), Sent::new());
        upload(&mut process, &mut sent, |_| true);
        record(&mut process);
        let name = home.names().into_iter().find(|name| name.ends_with(".part")).unwrap();
        let mut bytes = fs::read(home.spool_file(&name)).unwrap();
        let body = bytes.windows(5).position(|five| five == b"{\"n\":").unwrap();
        bytes[body + 1] ^= 1;
        fs::write(home.spool_file(&name), &bytes).unwrap();
        let mut first = true;
        upload(&mut process, &mut sent, |_| !(fails && std::mem::take(&mut first)));
        if fails {
            let mut rest = Sent::new();
            home.process_that_reads(&mut rest);
            assert!(rest.len() == FRAMES - 1 && !rest.contains_key("{\"n\":0}"), "{rest:?}");
        } else {
            check(&sent, "from memory");
            assert_eq!((home.count(".part"), process.tally.of(Outcome::Sent)), (0, FRAMES as u64));
        }
    }
}

impl Home {
    /// Another process sends what is left.
    fn process_that_reads(&self, sent: &mut Sent) {
        let mut process = self.process();
        while {
            let before = sent.len();
            upload(&mut process, sent, |_| true);
            sent.len() > before
        } {}
    }
}
