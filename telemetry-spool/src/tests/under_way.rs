//! Requests under way while the folder is opened again, erased or discarded in the same process.

use super::*;

/// As [`Home::process`], opened again in the same process.
fn again(process: &Process) -> (Spool, Backlog) {
    let folder = Arc::new(process.spool.folder().for_child());
    (Spool::new(folder.clone()), Backlog::new(folder))
}

#[test]
fn o23_who_opens_a_folder_again_leaves_what_is_under_way_to_who_sends_it() {
    for (arrives, outcome) in [(false, Outcome::Erased), (true, Outcome::Unknown)] {
        let home = Home::new();
        let mut process = home.process();
        process.append("on its way");
        let mut batch = process.next().unwrap();
        process.append("waits");
        let (mut spool, _) = again(&process);
        spool.erase(&process.tally);
        assert_eq!((process.tally.of(Outcome::Erased), process.tally.ended()), (1, 1));
        batch.attempted(arrives);
        assert!(!process.put_back(batch));
        assert_eq!((process.tally.ended(), process.tally.recovered()), (2, 0));
        assert_eq!(process.tally.of(outcome), if arrives { 1 } else { 2 });
    }
}

#[test]
fn o23_a_plan_that_may_have_arrived_is_known_to_who_opens_the_folder_again() {
    let home = Home::new();
    let mut process = home.process();
    process.append("may have arrived");
    let mut batch = process.next().unwrap();
    batch.attempted(true);
    assert!(process.put_back(batch));
    let (mut spool, _) = again(&process);
    spool.erase(&process.tally);
    assert_eq!((process.tally.of(Outcome::Unknown), process.tally.ended()), (1, 1));
}

#[test]
fn o23_a_batch_that_is_lost_is_under_way_no_more() {
    let home = Home::new();
    let mut process = home.process();
    process.append("lost");
    drop(process.next().unwrap());
    process.spool.discard_own(NOW, &process.tally);
    assert_eq!((process.tally.of(Outcome::Discarded), process.tally.ended(), process.tally.recovered()), (1, 1, 0));
    assert!(process.next().is_none());
}

#[test]
fn o15_the_decision_is_one_for_two_destinations_and_each_counts_its_own() {
    let home = Home::new();
    let (mut one, mut other) = home.process_with_two([2; 16], [3; 16]);
    one.append("one");
    other.append("on its way");
    let batch = other.next().unwrap();
    other.append("other");
    one.spool.erase(&one.tally);
    assert_eq!((one.tally.of(Outcome::Erased), one.tally.ended(), one.tally.recovered()), (1, 1, 0));
    other.spool.discard_held(NOW, &other.tally);
    other.put_back(batch);
    assert_eq!((other.tally.of(Outcome::Erased), other.tally.ended(), other.tally.recovered()), (2, 2, 0));
}

#[test]
fn o15_a_veto_of_one_leaves_the_events_of_the_other() {
    let home = Home::new();
    let (mut one, mut other) = home.process_with_two([2; 16], [3; 16]);
    one.append("one");
    other.append("other");
    one.spool.discard_own(NOW, &one.tally);
    assert_eq!((one.tally.of(Outcome::Discarded), one.tally.ended()), (1, 1));
    assert_eq!(other.send_all(), ["other"]);
    assert_eq!((other.tally.of(Outcome::Sent), other.tally.recovered()), (1, 0));
}

#[test]
fn o23_what_cannot_be_read_is_not_taken_for_nothing_when_the_user_says_no() {
    let home = Home::new();
    let mut process = home.process();
    process.append("sent by another");
    process.append("waits");
    // Another process has sent the first one, and wrote that down; this one has not looked since.
    let mut other = home.process();
    let batch = other.next().unwrap();
    assert_eq!(texts(&batch).len(), 2);
    other.append("of another");
    other.finish(batch, Outcome::Sent);
    assert_eq!(home.count(".done"), 1);
    // Every look at a plan fails, however often it is tried.
    crash::fail_plans(true);
    process.spool.erase(&process.tally);
    crash::fail_plans(false);
    assert_eq!(home.names(), Vec::<String>::new(), "the word of the user holds all the same");
    assert_eq!((process.tally.of(Outcome::Unknown), process.tally.ended(), process.tally.recovered()), (2, 2, 0));
}
