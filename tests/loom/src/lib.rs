//! `record/queue.rs` and `base/interned.rs` of `telemetry-runtime/src/`, compiled as they stand against loom's threads and atomic words.
//!
//! loom runs each model once for every order of its threads that the memory model allows. The queue is made small so that
//! there are not too many: two shards, and three blocks of eight words, each with room for two short events. loom takes `SeqCst` for acquire and release, so it can say nothing of the
//! one promise that rests on it: that a worker which goes to sleep and a caller which has just pushed see each other.
#![cfg(loom)]
#![allow(dead_code, reason = "the queue has methods that no model needs")]

/// What the queue takes from loom in place of the standard library.
mod model {
    pub(crate) use loom::sync::{Mutex, MutexGuard, atomic::Ordering};

    loom::lazy_static! {
        /// Touched before every access to a word of the queue.
        ///
        /// loom tries another order where two threads touch one word, but it remembers the last access only: a thread that
        /// loads a word and then stores to it hides what others did with it before. Words that everybody changes all the
        /// time hide nothing. The change is relaxed, so no thread learns anything of another by it.
        static ref STEP: loom::sync::atomic::AtomicUsize = loom::sync::atomic::AtomicUsize::new(0);
    }

    fn step() {
        STEP.fetch_add(1, Ordering::Relaxed);
    }

    #[derive(Debug)]
    pub(crate) struct AtomicU64(loom::sync::atomic::AtomicU64);

    impl AtomicU64 {
        pub(crate) fn new(value: u64) -> Self {
            Self(loom::sync::atomic::AtomicU64::new(value))
        }

        pub(crate) fn load(&self, ordering: Ordering) -> u64 {
            step();
            self.0.load(ordering)
        }

        pub(crate) fn store(&self, value: u64, ordering: Ordering) {
            step();
            self.0.store(value, ordering);
        }

        pub(crate) fn compare_exchange(
            &self,
            current: u64,
            new: u64,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u64, u64> {
            step();
            self.0.compare_exchange(current, new, success, failure)
        }

        pub(crate) fn fetch_or(&self, bits: u64, ordering: Ordering) -> u64 {
            step();
            self.0.fetch_or(bits, ordering)
        }

        pub(crate) fn fetch_and(&self, bits: u64, ordering: Ordering) -> u64 {
            step();
            self.0.fetch_and(bits, ordering)
        }

        pub(crate) fn compare_exchange_weak(
            &self,
            current: u64,
            new: u64,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u64, u64> {
            step();
            self.0.compare_exchange_weak(current, new, success, failure)
        }
    }
}

/// The rooms of the runtime that the two files ask, with as little in them as they need.
mod base {
    pub(crate) use crate::interned;

    pub(crate) mod limits {
        pub(crate) const CONFIGURATIONS: usize = 2;
        pub(crate) const QUEUE_SHARDS: usize = 2;
        pub(crate) const QUEUE_BLOCK_BYTES: usize = 8 * 8;
        pub(crate) const QUEUE_BYTES: usize = 3 * QUEUE_BLOCK_BYTES;
    }

    /// The runtime's values that a forked child has its own of: there are no children here.
    pub(crate) mod process {
        #[derive(Debug)]
        pub(crate) struct PerProcess<T>(T);

        impl<T> PerProcess<T> {
            pub(crate) fn new(value: T, _child: fn(&T) -> T) -> Self {
                Self(value)
            }
        }

        impl<T> std::ops::Deref for PerProcess<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }
    }
}

mod declare {
    /// As much of the runtime's payload as the queue asks for.
    pub(crate) mod sink {
        pub(crate) struct Payload<'a> {
            len: usize,
            words: Vec<[u8; 8]>,
            of: std::marker::PhantomData<&'a u8>,
        }

        impl<'a> Payload<'a> {
            pub(crate) fn of(bytes: &'a [u8]) -> Self {
                let mut words = vec![[0; 8]; bytes.len().div_ceil(8)];
                words.as_flattened_mut()[..bytes.len()].copy_from_slice(bytes);
                Self { len: bytes.len(), words, of: std::marker::PhantomData }
            }

            pub(crate) fn len(&self) -> usize {
                self.len
            }

            pub(crate) fn words(&self) -> &[[u8; 8]] {
                &self.words
            }
        }
    }
}

#[path = "../../../telemetry-runtime/src/base/interned.rs"]
mod interned;
#[path = "../../../telemetry-runtime/src/record/queue.rs"]
mod queue;
#[path = "../../../telemetry-runtime/src/record/queued.rs"]
mod queued;

mod record {
    pub(crate) use crate::queued;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use loom::{model::Builder, sync::Arc, thread};

    use crate::{
        base::interned::{Interned, Reach},
        declare::sink::Payload,
        queue::Queue,
        queued::Pushed,
    };

    /// Every order in which threads are interrupted at most three times, in seconds. `LOOM_MAX_PREEMPTIONS=5` tries two
    /// million orders, in minutes.
    fn model(test: impl Fn() + Sync + Send + 'static) {
        let orders = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = orders.clone();
        let mut model = Builder::new();
        model.preemption_bound = model.preemption_bound.or(Some(3));
        model.check(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            test();
        });
        let orders = orders.load(Ordering::Relaxed);
        println!("{orders} orders");
        assert!(orders > 100, "{orders} orders: next to nothing was tried");
    }

    fn push(queue: &Queue, shard: usize, number: u8) -> bool {
        let (mark, configuration) = (u64::from(number) << 8, u32::from(number));
        let bytes = [number; 5];
        let payload = Payload::of(&bytes);
        let pushed = queue.push(shard, u32::from(number), mark, configuration, number % 2 == 1, payload);
        matches!(pushed, Pushed::Yes | Pushed::Filling)
    }

    /// Shards and numbers of the events that came out whole.
    fn drain(queue: &Queue) -> Vec<(usize, u8)> {
        let mut came = Vec::new();
        queue.drain(None, |queued| {
            let number = queued.slot as u8;
            assert_eq!(queued.payload, [number; 5], "the payload of another event");
            let expected = (u64::from(number) << 8, u32::from(number), number % 2 == 1);
            assert_eq!((queued.mark, queued.configuration, queued.pending), expected);
            came.push((queued.shard, number));
            true
        });
        came
    }

    fn two_producers_and_a_consumer(shards: [usize; 2]) {
        model(move || {
            let queue = Arc::new(Queue::new());
            let producers: Vec<_> = shards
                .into_iter()
                .zip([1, 2])
                .map(|(shard, number)| {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, shard, number))
                })
                .collect();
            let mut came = drain(&queue);
            let pushed: Vec<_> = producers.into_iter().map(|producer| producer.join().unwrap()).collect();
            assert_eq!(pushed, [true, true], "there is room for two");
            came.extend(drain(&queue));
            came.sort_unstable_by_key(|(_, number)| *number);
            assert_eq!(came, [(shards[0], 1), (shards[1], 2)]);
            assert!(queue.is_empty());
        });
    }

    #[test]
    fn producers_of_two_shards_and_a_consumer_lose_and_mix_nothing() {
        two_producers_and_a_consumer([0, 1]);
    }

    #[test]
    fn producers_of_one_shard_and_a_consumer_lose_and_mix_nothing() {
        two_producers_and_a_consumer([1, 1]);
    }

    /// Two events fill a block, so both producers may come to its end at once.
    #[test]
    fn producers_of_one_shard_go_on_in_one_block() {
        model(|| {
            let queue = Arc::new(Queue::new());
            assert!(push(&queue, 0, 1) && push(&queue, 0, 2));
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || push(&queue, 0, 3))
            };
            assert!(push(&queue, 0, 4) && producer.join().unwrap());
            assert!(push(&queue, 1, 5), "one block is left");
            let mut came = drain(&queue);
            assert_eq!(came[..2], [(0, 1), (0, 2)]);
            came.sort_unstable();
            assert_eq!(came, [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5)]);
        });
    }

    #[test]
    fn a_producer_goes_on_in_another_block_while_the_first_is_emptied() {
        model(|| {
            let queue = Arc::new(Queue::new());
            assert!(push(&queue, 0, 1));
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || push(&queue, 0, 2) && push(&queue, 0, 3))
            };
            let mut came = drain(&queue);
            assert!(producer.join().unwrap());
            came.extend(drain(&queue));
            assert_eq!(came, [(0, 1), (0, 2), (0, 3)]);
        });
    }

    #[test]
    fn a_full_queue_refuses_and_loses_nothing_that_it_took() {
        model(|| {
            let queue = Arc::new(Queue::new());
            // Six fill it.
            let first: Vec<_> = (1..=5).filter(|number| push(&queue, 0, *number)).collect();
            assert_eq!(first.len(), 5);
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || (6..=7).filter(|number| push(&queue, 0, *number)).collect::<Vec<_>>())
            };
            let mut came = drain(&queue);
            let taken = producer.join().unwrap();
            came.extend(drain(&queue));
            let came: Vec<_> = came.into_iter().map(|(_, number)| number).collect();
            assert_eq!(came, [first, taken].concat(), "what was taken came, in its order");
        });
    }

    /// The worker gives the memory back while another thread begins to record again.
    #[test]
    fn a_queue_at_rest_loses_nothing() {
        model(|| {
            let queue = Arc::new(Queue::new());
            assert!(push(&queue, 0, 1) && push(&queue, 0, 2) && push(&queue, 0, 3));
            assert_eq!(drain(&queue).len(), 3);
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || (4..=5).filter(|number| push(&queue, 0, *number)).collect::<Vec<_>>())
            };
            queue.rest(|block| {
                assert!(block.iter().all(|word| word.load(Ordering::Relaxed) == 0), "somebody writes to it");
            });
            let mut came = drain(&queue);
            assert_eq!(producer.join().unwrap(), [4, 5]);
            came.extend(drain(&queue));
            assert_eq!(came, [(0, 4), (0, 5)]);
        });
    }

    /// The queue with the table, as the runtime puts them together.
    struct Pipeline {
        queue: Queue,
        values: Interned<u8>,
    }

    impl Pipeline {
        fn new() -> Arc<Self> {
            Arc::new(Self { queue: Queue::new(), values: Interned::new() })
        }

        fn set(&self, value: u8) {
            self.values.set(value, || {
                let done = self.queue.done();
                Reach { end: self.queue.end(), done }
            });
        }

        /// Whether the event was taken.
        fn record(&self, shard: usize, event: u8) -> bool {
            let number = self.values.current();
            let push = || self.queue.push(shard, u32::from(event), 0, number, false, Payload::of(&[event; 5]));
            number != 0 && matches!(push(), Pushed::Yes | Pushed::Filling)
        }

        /// The events with the value that each was recorded under, or without one.
        fn drain(&self) -> Vec<(u8, Option<u8>)> {
            let mut came = Vec::new();
            self.queue.drain(None, |queued| {
                came.push((queued.slot as u8, self.values.get(queued.configuration).as_deref().copied()));
                true
            });
            came
        }
    }

    /// The host changes the value between two events, as often as there is room for and once more, while they are taken out.
    #[test]
    fn o27_an_event_has_the_value_of_its_moment_or_is_refused() {
        model(|| {
            let pipeline = Pipeline::new();
            let host = {
                let pipeline = pipeline.clone();
                thread::spawn(move || {
                    (1..=3)
                        .filter(|value| {
                            pipeline.set(*value);
                            pipeline.record(0, *value)
                        })
                        .collect::<Vec<_>>()
                })
            };
            let mut came = pipeline.drain();
            let taken = host.join().unwrap();
            came.extend(pipeline.drain());
            assert_eq!(came, taken.iter().map(|value| (*value, Some(*value))).collect::<Vec<_>>());
            assert!(taken.len() >= 2);
        });
    }

    /// Another thread records, into another shard, while the value changes and old ones are freed.
    #[test]
    fn o27_an_event_of_another_thread_has_a_value_that_was_set_or_none() {
        model(|| {
            let pipeline = Pipeline::new();
            pipeline.set(1);
            let other = {
                let pipeline = pipeline.clone();
                thread::spawn(move || pipeline.record(1, 9))
            };
            pipeline.set(2);
            pipeline.values.free(&pipeline.queue.done());
            pipeline.set(3);
            let taken = other.join().unwrap();
            let came = pipeline.drain();
            assert!(taken || came.is_empty());
            assert!(came.iter().all(|(_, value)| matches!(value, None | Some(1..=3))), "{came:?}");
        });
    }
}
