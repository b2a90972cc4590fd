use std::fs;

use super::*;
use telemetry_spool::spooled_frames;

use crate::write::test_kit::{HERE, Home, NOW};

const TODAY: u32 = 20_779;

/// `offered` events, of which so many were sent; the others wait.
fn counts(offered: u64, sent: u64) -> LedgerCounts {
    LedgerCounts { offered, accepted: offered, sent, waiting: offered - sent, ..LedgerCounts::default() }
}

fn at(sdk: &SdkDir) -> At<'_> {
    At { sdk, destination: &HERE }
}

fn row(home: &Home) -> LedgerFile {
    LedgerFile::new(Arc::new(home.sdk()), HERE, LedgerCounts::default(), NOW).unwrap()
}

#[track_caller]
fn sum(home: &Home) -> LedgerCounts {
    let total = total(at(&home.sdk()), TODAY).unwrap();
    assert!(total.counts.holds(), "{}", total.counts);
    total.counts
}

fn files(home: &Home) -> usize {
    fs::read_dir(home.file(&folder(&HERE)))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name() != "lock")
        .count()
}

#[test]
fn a_row_is_added_to_the_sum_once_its_process_is_gone() {
    let home = Home::new();
    assert_eq!(total(at(&home.sdk()), TODAY), None);
    let (mut one, mut other) = (row(&home), row(&home));
    one.save(counts(5, 2)).unwrap();
    one.save(counts(7, 3)).unwrap();
    other.save(counts(10, 0)).unwrap();
    assert_eq!((sum(&home), files(&home)), (counts(17, 3), 2));
    assert_eq!(fold(&other, TODAY), Some(false), "the other one lives");
    drop(one);
    assert_eq!(fold(&other, TODAY), Some(true));
    assert_eq!((sum(&home), files(&home)), (counts(17, 3), 1));
    let json: serde_json::Value = serde_json::from_slice(&fs::read(home.file(&name(&HERE))).unwrap()).unwrap();
    assert_eq!((&json["version"], &json["since"], &json["counts"]["offered"]), (&1.into(), &TODAY.into(), &7.into()));
    assert_eq!(fold(&other, TODAY), Some(true));
    assert_eq!(sum(&home), counts(17, 3), "and never again");
}

#[test]
fn a_crash_between_adding_and_removing_adds_nothing_twice() {
    let home = Home::new();
    let (mut one, mut other) = (row(&home), row(&home));
    one.save(counts(7, 3)).unwrap();
    let path = home.file(&folder(&HERE)).join(format!("{}.json", one.id));
    let bytes = fs::read(&path).unwrap();
    drop(one);
    other.save(counts(1, 1)).unwrap();
    fold(&other, TODAY).unwrap();
    fs::write(&path, &bytes).unwrap();
    assert_eq!(sum(&home), counts(8, 4), "readers see it");
    fold(&other, TODAY).unwrap();
    assert_eq!((sum(&home), path.exists()), (counts(8, 4), false), "and so does whoever comes next");
}

#[test]
fn what_one_left_and_another_recovered_waits_only_once() {
    let home = Home::new();
    let mut dead = row(&home);
    dead.save(counts(5, 0)).unwrap();
    drop(dead);
    let mut next = row(&home);
    next.save(LedgerCounts { recovered: 4, sent: 4, ..LedgerCounts::default() }).unwrap();
    let expected = LedgerCounts { waiting: 1, sent: 4, ..counts(5, 0) };
    assert_eq!(sum(&home), expected);
    fold(&next, TODAY).unwrap();
    assert_eq!(sum(&home), expected);
    settle(at(&home.sdk()), TODAY, 1).unwrap();
    assert_eq!(sum(&home), expected, "it is in the spool");
    settle(at(&home.sdk()), TODAY, 0).unwrap();
    assert_eq!(sum(&home), LedgerCounts { waiting: 0, unknown: 1, ..expected }, "nobody knows what became of it");
    // An event that a killed process appended in its last second.
    next.save(LedgerCounts { recovered: 6, sent: 6, ..LedgerCounts::default() }).unwrap();
    assert_eq!(sum(&home), LedgerCounts { waiting: 0, recovered: 2, unknown: 1, sent: 6, ..expected });
}

#[test]
fn events_in_the_spool_are_counted_over_all_hosts() {
    let home = Home::new();
    assert_eq!(spooled_frames(&home.sdk(), &HERE), Some(0));
    let mut process = home.process();
    process.append("1");
    process.append("2");
    process.append("3");
    assert_eq!(spooled_frames(&home.sdk(), &HERE), Some(3));
    let batch = process.next().unwrap();
    assert_eq!(spooled_frames(&home.sdk(), &HERE), Some(3), "a batch as well");
    process.append("4");
    process.finish(batch, telemetry_spool::Outcome::Sent);
    assert_eq!(spooled_frames(&home.sdk(), &HERE), Some(1), "three have ended in a segment that still stands");
}

#[test]
fn off_ends_every_row_and_nobody_makes_a_new_one() {
    let home = Home::new();
    let (mut living, mut dead) = (row(&home), row(&home));
    living.save(counts(5, 2)).unwrap();
    dead.save(counts(4, 0)).unwrap();
    drop(dead);
    close(&home.sdk(), TODAY);
    let expected = LedgerCounts { waiting: 0, opted_out: 7, ..counts(9, 2) };
    assert_eq!((sum(&home), files(&home)), (expected, 0));
    assert!(living.is_closed() && living.save(counts(6, 2)).is_err());
    assert_eq!((sum(&home), files(&home)), (expected, 0));
    // The user said yes again, and one of those that waited had been on its way.
    let mut again = LedgerFile::new(Arc::new(home.sdk()), HERE, counts(5, 2), NOW).unwrap();
    again.save(counts(6, 3)).unwrap();
    assert_eq!(sum(&home), LedgerCounts { offered: 10, accepted: 10, sent: 3, waiting: 0, opted_out: 7, ..expected });
}

#[test]
fn damage_costs_what_it_hits() {
    let home = Home::new();
    let (mut one, mut other) = (row(&home), row(&home));
    one.save(counts(5, 2)).unwrap();
    other.save(counts(4, 0)).unwrap();
    let path = home.file(&folder(&HERE)).join(format!("{}.json", one.id));
    let whole = fs::read_to_string(&path).unwrap();
    for damaged in
        ["", "{", "null", &whole.replace("\"sent\":2", "\"sent\":3"), &whole.replace("\"offered\":5", "\"offered\":-5")]
    {
        fs::write(&path, damaged).unwrap();
        assert_eq!(sum(&home), counts(4, 0), "{damaged}");
    }
    fs::write(&path, whole).unwrap();
    drop(one);
    fold(&other, TODAY).unwrap();
    let sum_on_disk = fs::read_to_string(home.file(&name(&HERE))).unwrap();
    for damaged in ["", "[]", &sum_on_disk.replace("\"offered\":5", "\"offered\":6")] {
        fs::write(home.file(&name(&HERE)), damaged).unwrap();
        assert_eq!(sum(&home), counts(4, 0), "{damaged}");
    }
    let later = sum_on_disk.replace("\"version\":1", "\"version\":2");
    fs::write(home.file(&name(&HERE)), &later).unwrap();
    assert_eq!((total(at(&home.sdk()), TODAY), fold(&other, TODAY)), (None, None));
    close(&home.sdk(), TODAY);
    assert_eq!(fs::read_to_string(home.file(&name(&HERE))).unwrap(), later, "what a later version keeps is left alone");
}

#[test]
fn losses_are_told_once_a_day_and_never_twice() {
    let home = Home::new();
    let mut row = row(&home);
    let lost = |queue_full, disk| LedgerCounts {
        offered: queue_full + disk,
        accepted: queue_full + disk,
        queue_full,
        disk,
        ..LedgerCounts::default()
    };
    row.save(lost(10, 3)).unwrap();
    let most = |losses: &LedgerCounts| losses.at_most(&lost(8, 8));
    let tell = |today| losses_to_tell(at(&home.sdk()), today, most).map(|told| (told.queue_full, told.disk));
    assert_eq!(tell(TODAY), Some((8, 3)), "as much as can be told");
    row.save(lost(11, 3)).unwrap();
    assert_eq!(tell(TODAY), None, "once a day");
    assert_eq!(tell(TODAY - 1), None, "the clock was set back by a day");
    assert_eq!(tell(TODAY + 1), Some((3, 0)), "the rest");
    assert_eq!(tell(TODAY + 2), Some((0, 0)));
    fs::remove_file(home.file(&name(&HERE))).unwrap();
    assert_eq!(tell(TODAY + 3), Some((8, 3)), "a ledger that was removed knows nothing of what was told");
}

#[test]
fn of_many_processes_that_look_for_losses_one_tells_them() {
    for round in 0..100 {
        let home = Home::new();
        let mut row = row(&home);
        let lost = LedgerCounts { offered: 9, accepted: 9, disk: 9, ..LedgerCounts::default() };
        row.save(lost).unwrap();
        let told: Vec<_> = std::thread::scope(|scope| {
            let tell = || losses_to_tell(at(&home.sdk()), TODAY, |losses| *losses).map(|told| told.disk);
            let looks: Vec<_> = (0..4).map(|_| scope.spawn(tell)).collect();
            looks.into_iter().filter_map(|look| look.join().unwrap()).collect()
        });
        assert_eq!(told, [9], "round {round}");
    }
}

/// At every moment, whoever looks sees sums that hold, and no process lost or counted twice.
#[test]
fn many_processes_come_and_go_while_others_add_up_and_look() {
    let home = Home::new();
    row(&home).save(counts(0, 0)).unwrap();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..10 {
                        let mut row = row(&home);
                        for events in 1..=5 {
                            row.save(counts(events * 2, events)).unwrap();
                        }
                        fold(&row, TODAY);
                    }
                })
            })
            .collect();
        let mut last = 0;
        while !writers.iter().all(|writer| writer.is_finished()) {
            if let Some(Total { counts, .. }) = total(at(&home.sdk()), TODAY) {
                assert!(counts.holds() && counts.offered >= last, "{} after {last}", counts);
                last = counts.offered;
            }
        }
    });
    assert_eq!(sum(&home), counts(400, 200));
}

#[test]
fn o15_each_destination_has_a_ledger_and_a_decision_closes_all() {
    let home = Home::new();
    let sdk = home.sdk();
    let other = At { sdk: &sdk, destination: &[3; 16] };
    let (mut one, mut two) = (row(&home), LedgerFile::new(Arc::new(home.sdk()), [3; 16], counts(0, 0), NOW).unwrap());
    one.save(counts(5, 2)).unwrap();
    let lost = LedgerCounts { offered: 4, accepted: 4, disk: 3, waiting: 1, ..LedgerCounts::default() };
    two.save(lost).unwrap();
    assert_eq!((sum(&home), total(other, TODAY).unwrap().counts), (counts(5, 2), lost));
    assert_eq!(
        losses_to_tell(at(&sdk), TODAY, |losses| *losses),
        Some(LedgerCounts::default()),
        "not those of the other"
    );
    assert_eq!(losses_to_tell(other, TODAY, |losses| *losses).unwrap().disk, 3);
    assert_eq!(fold(&one, TODAY), Some(true), "it is alone with its destination");
    close(&sdk, TODAY);
    let opted_out = |at| total(at, TODAY).map(|total| (total.counts.waiting, total.counts.opted_out));
    assert_eq!((opted_out(at(&sdk)), opted_out(other)), (Some((0, 3)), Some((0, 1))));
}

#[test]
fn o23_a_ledger_that_another_process_is_at_is_not_written_by_who_says_no() {
    let home = Home::new();
    let sdk = home.sdk();
    let mut dead = row(&home);
    dead.save(counts(5, 2)).unwrap();
    drop(dead);
    let dir = at(&sdk).dir(false).unwrap();
    // Another process has read the sum and the row, and is stopped before it writes.
    let held = lock(&dir).unwrap();
    let mut read = load(at(&sdk), TODAY).unwrap();
    let ids = rows(&dir);
    let file = dir.open_file(&format!("{}{ROW}", ids[0])).unwrap();
    read.take(&ids[0], &file);
    close(&sdk, TODAY);
    assert_eq!(sum(&home), counts(5, 2), "as it was");
    finish(at(&sdk), &dir, read, ids).unwrap();
    drop(held);
    assert_eq!(sum(&home), counts(5, 2), "and nothing is in it twice");
    settle(at(&sdk), TODAY, 0).unwrap();
    assert_eq!(sum(&home), LedgerCounts { waiting: 0, unknown: 3, ..counts(5, 2) });
}
