use std::{
    collections::HashSet,
    sync::{Arc, atomic::AtomicBool},
    thread,
};

use super::*;

fn sink(numbers: impl IntoIterator<Item = i64>) -> Sink {
    let mut sink = Sink::new();
    for number in numbers {
        sink.integer(number);
    }
    sink
}

/// The queue is larger than a test thread's stack, so it is made in a static or on the heap without passing the stack.
fn queue() -> &'static Queue {
    Box::leak(Box::new(const { Queue::new() }))
}

#[test]
fn events_come_out_as_they_went_in() {
    let queue = queue();
    assert_eq!(queue.pop(), None);
    assert!(queue.push(7, 42, 5, true, &sink([1, 2])));
    assert!(queue.push(8, (1 << 40) - 1, (1 << 24) - 1, false, &sink([])));
    let first = queue.pop().unwrap();
    assert_eq!((first.slot, first.mark, first.configuration, first.pending), (7, 42, 5, true));
    assert_eq!(first.payload, [1_i64.to_le_bytes(), 2_i64.to_le_bytes()].concat());
    assert_eq!(
        queue.pop().unwrap(),
        Queued {
            position: 1,
            slot: 8,
            mark: (1 << 40) - 1,
            configuration: (1 << 24) - 1,
            pending: false,
            payload: Vec::new()
        }
    );
    assert!(queue.is_empty());
}

#[test]
fn a_full_queue_refuses_and_takes_again_when_emptied() {
    let queue = queue();
    for lap in 0..3 {
        for number in 0..QUEUE_EVENTS {
            assert!(queue.push(number as u32, lap, 0, false, &sink([lap as i64])));
        }
        assert!(!queue.push(0, 0, 0, false, &sink([])));
        for number in 0..QUEUE_EVENTS {
            assert_eq!(queue.pop().unwrap().slot, number as u32);
        }
    }
}

#[test]
fn an_abandoned_queue_is_empty_and_goes_on() {
    let queue = queue();
    for number in 0..QUEUE_EVENTS + 3 {
        assert!(queue.push(number as u32, 0, 0, false, &sink([])));
        if number < 3 {
            queue.pop().unwrap();
        }
    }
    // A thread that a fork has taken away had claimed a slot and not filled it. The queue is full: the slot is the one
    // that was emptied last.
    queue.pop().unwrap();
    assert_eq!(queue.tail.0.fetch_add(1, Ordering::SeqCst), QUEUE_EVENTS as u64 + 3);
    assert!(!queue.push(0, 0, 0, false, &sink([])));
    queue.abandon();
    assert!(queue.is_empty() && queue.pop().is_none());
    for lap in 0..2 {
        for number in 0..QUEUE_EVENTS {
            assert!(queue.push(number as u32, lap, 0, false, &sink([7])), "{lap} {number}");
        }
        assert!(!queue.push(0, 0, 0, false, &sink([])));
        for number in 0..QUEUE_EVENTS {
            assert_eq!(queue.pop().unwrap().slot, number as u32);
        }
    }
}

#[test]
fn long_events_are_bounded_in_bytes() {
    let queue = queue();
    let long = sink(0..1000);
    let mut taken = 0;
    while queue.push(1, 0, 0, false, &long) {
        taken += 1;
    }
    assert_eq!(taken, QUEUE_SPILL_BYTES / long.bytes().len());
    assert!(queue.push(1, 0, 0, false, &sink([1])), "short events still fit");
    for _ in 0..taken {
        assert_eq!(queue.pop().unwrap().payload, long.bytes());
    }
    assert!(queue.push(1, 0, 0, false, &long));
}

#[test]
fn many_threads_lose_nothing_but_what_was_refused() {
    let queue = queue();
    let done = Arc::new(AtomicBool::new(false));
    let consumer = {
        let done = Arc::clone(&done);
        thread::spawn(move || {
            let mut seen = HashSet::new();
            loop {
                let finished = done.load(Ordering::SeqCst);
                while let Some(event) = queue.pop() {
                    assert!(seen.insert((event.slot, event.mark)), "popped twice");
                    assert_eq!(event.payload, event.mark.to_le_bytes());
                }
                if finished {
                    return seen;
                }
            }
        })
    };
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            thread::spawn(move || {
                let taken = |number: &u64| queue.push(producer, *number, 0, false, &sink([*number as i64]));
                let events = if cfg!(miri) { 50 } else { 20_000 };
                (0..events).filter(taken).map(|number| (producer, number)).collect::<Vec<_>>()
            })
        })
        .collect();
    let pushed: HashSet<_> = producers.into_iter().flat_map(|producer| producer.join().unwrap()).collect();
    done.store(true, Ordering::SeqCst);
    assert_eq!(consumer.join().unwrap(), pushed);
}
