//! Several processes at the same spool at once.

use super::*;

#[test]
fn many_writers_lose_and_double_nothing() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for writer in 0..20 {
            let home = &home;
            scope.spawn(move || {
                let mut process = home.process();
                for number in 0..50 {
                    process.append(&format!("[{writer},{number}]"));
                }
                process.die();
            });
        }
    });
    let mut events: Vec<String> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut process = home.process();
                    process.start(NOW);
                    let sent = process.send_all();
                    assert_eq!(process.tally.recovered(), sent.len() as u64);
                    sent
                })
            })
            .collect();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    // A sender that looked while another one held the segments may have found nothing; the rest is for the next one.
    events.extend(home.process().send_all());
    let all = events.len();
    events.sort();
    events.dedup();
    assert_eq!((all, events.len()), (1_000, 1_000));
}

/// A flush that found nothing to send because another process was making batches, or looking for orphans, in the same moment would
/// leave its events for a later run.
#[test]
fn r08_c11_whoever_has_something_to_send_gets_it_whatever_others_do() {
    let home = Home::new();
    let sent = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (home, sent) = (&home, &sent);
            scope.spawn(move || {
                let mut process = home.process();
                for round in 0..50 {
                    process.start(NOW);
                    process.append(&format!("[{writer},{round}]"));
                    // Another one may have sent what this one recorded, and the other way round.
                    while let Some(batch) = process.next() {
                        sent.fetch_add(batch.frames().count(), std::sync::atomic::Ordering::Relaxed);
                        process.finish(batch, Outcome::Sent);
                    }
                }
            });
        }
    });
    let rest = home.process().send_all().len();
    assert_eq!(sent.into_inner() + rest, 200, "none is lost and none is sent twice");
}

/// A batch that somebody was replacing by its halves when they died stands beside them. Who lives, and has long looked for
/// what the dead have left, must not send the one and the others.
#[test]
fn r07_c11_who_lives_sends_no_batch_beside_its_halves() {
    for at in 1.. {
        let home = Home::new();
        let mut dies = home.process();
        (1..=3).for_each(|number| dies.append(&number.to_string()));
        let batch = dies.next().unwrap();
        let mut lives = home.process();
        lives.start(NOW);
        crash::die_at(at, 0);
        dies.backlog.halve(batch, &dies.tally);
        let died = crash::is_dead();
        dies.die();
        crash::revive();
        let mut events = lives.send_all();
        events.sort();
        assert_eq!(events, ["1", "2", "3"], "died at change {at}");
        assert_eq!((lives.tally.recovered(), lives.tally.of(Outcome::Sent)), (3, 3), "died at change {at}");
        if !died {
            assert!(at > 5, "only {at} changes");
            break;
        }
    }
}
