use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    thread,
};

use super::*;
use crate::declare::sink::Sink;

fn sink(numbers: impl IntoIterator<Item = i64>) -> Sink<'static> {
    let mut sink = Sink::new();
    for number in numbers {
        sink.integer(number);
    }
    sink
}

/// A queue of the test's own, which is larger than its stack.
macro_rules! queue {
    () => {{
        static QUEUE: Queue = Queue::new();
        &QUEUE
    }};
}

impl Queue {
    fn takes(&self, shard: usize, slot: u32, sink: &Sink<'_>) -> bool {
        matches!(self.push(shard, slot, 7, 3, false, sink.payload()), Pushed::Yes | Pushed::Filling)
    }

    /// The slots of what comes out, with their shards.
    fn slots(&self) -> Vec<(usize, u32)> {
        let mut slots = Vec::new();
        self.drain(None, |queued| {
            slots.push((queued.shard, queued.slot));
            true
        });
        slots
    }

    fn fill(&self, shard: usize, sink: &Sink<'_>) -> Vec<(usize, u32)> {
        (0..).take_while(|number| self.takes(shard, *number, sink)).map(|number| (shard, number)).collect()
    }

    fn is_zero(&self) -> bool {
        self.blocks.iter().all(|block| block.0.iter().all(|word| word.load(Ordering::SeqCst) == 0))
    }
}

#[test]
fn events_come_out_as_they_went_in() {
    let queue = queue!();
    assert!(!queue.drain(None, |_| true));
    assert_eq!(queue.push(2, 7, 42, 5, true, sink([1, 2]).payload()), Pushed::Yes);
    assert_eq!(queue.push(2, 8, (1 << 40) - 1, (1 << 24) - 1, false, sink([]).payload()), Pushed::Yes);
    let mut came = 0;
    assert!(queue.drain(None, |queued| {
        came += 1;
        let payload = [1_i64.to_le_bytes(), 2_i64.to_le_bytes()].concat();
        let (slot, mark, configuration) = (7, 42, 5);
        let first = Queued { shard: 2, position: 0, slot, mark, configuration, pending: true, payload: &payload };
        let (mark, configuration) = ((1 << 40) - 1, (1 << 24) - 1);
        let second = Queued { shard: 2, position: 4, slot: 8, mark, configuration, pending: false, payload: &[] };
        assert_eq!(*queued, if came == 1 { first } else { second });
        true
    }));
    assert!(came == 2 && queue.is_empty() && queue.is_zero());
}

#[test]
fn an_event_that_is_left_comes_again() {
    let queue = queue!();
    for slot in 0..3 {
        assert!(queue.takes(1, slot, &sink([5])));
    }
    assert!(queue.drain(None, |queued| queued.slot != 1));
    let done = queue.done();
    assert!(!queue.drain(None, |_| false));
    assert_eq!((queue.done(), queue.slots()), (done, vec![(1, 1), (1, 2)]));
}

#[test]
fn a_drain_ends_where_it_is_told() {
    let queue = queue!();
    assert!(queue.takes(0, 1, &sink([])) && queue.takes(1, 2, &sink([])));
    let end = queue.end();
    assert!(queue.takes(0, 3, &sink([])) && queue.takes(1, 4, &sink([])));
    let mut slots = Vec::new();
    queue.drain(Some(&end), |queued| {
        slots.push(queued.slot);
        true
    });
    assert_eq!((slots, queue.done()), (vec![1, 2], end));
    let mut slots = Vec::new();
    queue.drain(Some(&queue.end_of(1 + QUEUE_SHARDS)), |queued| {
        slots.push(queued.slot);
        true
    });
    assert_eq!((slots, queue.slots()), (vec![4], vec![(0, 3)]));
}

#[test]
fn one_thread_may_fill_all_of_it_and_go_on_when_it_is_emptied() {
    let queue = queue!();
    // Rows that do not fill their blocks to the last word, and some that do.
    for words in [0, 1, 2, 5, BLOCK_WORDS as i64 / 2, BLOCK_WORDS as i64 - 3] {
        let sink = sink(0..words);
        for shard in 0..3 {
            let pushed = queue.fill(shard, &sink);
            let in_block = (BLOCK_WORDS - 1) / (HEAD_WORDS + words as usize);
            assert_eq!(pushed.len(), in_block * BLOCKS, "{words}");
            assert_eq!(queue.push(shard, 0, 0, 0, false, sink.payload()), Pushed::Full);
            assert_eq!(
                queue.push(shard + 1, 0, 0, 0, false, sink.payload()),
                Pushed::Full,
                "another shard has no room either"
            );
            assert!(queue.slots() == pushed && queue.is_empty());
            queue.rest(|_| ());
            assert!(queue.is_zero() && queue.taken.count() == 0);
        }
    }
}

#[test]
fn it_says_that_it_fills_and_what_is_too_long() {
    let queue = queue!();
    let all = BLOCK_WORDS as i64 - 3;
    let said: Vec<_> = (0..BLOCKS).map(|number| queue.push(number, 0, 0, 0, false, sink(0..all).payload())).collect();
    let quarter = BLOCKS / 4 - 1;
    assert!(said[..quarter].iter().all(|said| *said == Pushed::Yes), "{said:?}");
    assert!(said[quarter..].iter().all(|said| *said == Pushed::Filling), "{said:?}");
    assert_eq!(queue.push(0, 0, 0, 0, false, sink(0..=all).payload()), Pushed::TooLong);
}

#[test]
fn memory_is_given_back_when_nothing_is_in_it() {
    let queue = queue!();
    let given = |expected: usize| {
        let blocks = std::cell::Cell::new(0);
        queue.rest(|block| {
            assert!(block.len() == BLOCK_WORDS && block.iter().all(|word| word.load(Ordering::SeqCst) == 0));
            blocks.set(blocks.get() + 1);
        });
        assert_eq!(blocks.get(), expected);
    };
    given(0);
    assert!(queue.takes(0, 1, &sink([1])));
    given(0);
    let half = sink(0..BLOCK_WORDS as i64 / 2);
    assert!(queue.takes(1, 2, &half) && queue.takes(1, 3, &half) && queue.takes(1, 4, &half));
    assert_eq!(queue.slots(), [(0, 1), (1, 2), (1, 3), (1, 4)]);
    given(4);
    given(0);
    let end = queue.end();
    assert!(queue.takes(1, 5, &sink([])) && queue.end()[1] > end[1]);
    assert_eq!(queue.slots(), [(1, 5)]);
}

#[test]
fn an_abandoned_queue_is_empty_and_goes_on() {
    let queue = queue!();
    let half = sink(0..BLOCK_WORDS as i64 / 2);
    for shard in 0..2 {
        (0..5).for_each(|slot| assert!(queue.takes(shard, slot, &half)));
    }
    let mut left = 3;
    queue.drain(None, |_| {
        left -= 1;
        left > 0
    });
    // Threads that a fork has taken away had reserved words and not filled them, and taken a block and not used it.
    let tail = &queue.shards[0].tail;
    tail.store(tail.load(Ordering::SeqCst) + 8, Ordering::SeqCst);
    queue.taken.take().unwrap();
    let before = queue.end();
    queue.abandon();
    assert!(queue.is_empty() && queue.slots().is_empty() && queue.is_zero() && queue.taken.count() == 0);
    assert!(queue.end().iter().zip(before).all(|(now, before)| *now >= before), "positions never go back");
    let pushed = queue.fill(0, &half);
    assert_eq!((pushed.len(), queue.slots()), (BLOCKS, pushed));
}

#[test]
fn many_threads_lose_nothing_but_what_was_refused_and_keep_their_order() {
    let queue = queue!();
    let done = Arc::new(AtomicBool::new(false));
    let consumer = {
        let done = Arc::clone(&done);
        thread::spawn(move || {
            let mut seen: HashMap<u32, Vec<u64>> = HashMap::new();
            loop {
                let finished = done.load(Ordering::SeqCst);
                queue.drain(None, |event| {
                    let long = if event.mark % 5 == 0 { 30 } else { 1 };
                    assert_eq!(event.payload, event.mark.to_le_bytes().repeat(long));
                    seen.entry(event.slot).or_default().push(event.mark);
                    true
                });
                queue.rest(|block| assert!(block.iter().all(|word| word.load(Ordering::SeqCst) == 0)));
                if finished {
                    return seen;
                }
            }
        })
    };
    // Two threads for each shard that they use.
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            thread::spawn(move || {
                let taken = |number: &u64| {
                    let long = if number.is_multiple_of(5) { 30 } else { 1 };
                    let sink = sink(std::iter::repeat_n(*number as i64, long));
                    let pushed = queue.push(producer as usize / 2, producer, *number, 0, false, sink.payload());
                    matches!(pushed, Pushed::Yes | Pushed::Filling)
                };
                let events = if cfg!(miri) { 60 } else { 50_000 };
                (producer, (0..events).filter(taken).collect::<Vec<_>>())
            })
        })
        .collect();
    let pushed: HashMap<_, _> = producers.into_iter().map(|producer| producer.join().unwrap()).collect();
    done.store(true, Ordering::SeqCst);
    assert!(consumer.join().unwrap() == pushed, "each thread's events came in its order");
}
