//! `record/queue.rs` and `base/interned.rs` of `telemetry-runtime/src/`, compiled as they stand against loom's threads and atomic words.
//!
//! loom runs each model once for every order of its threads that the memory model allows. The queue is made small so that
//! there are not too many: two slots of one word. loom takes `SeqCst` for acquire and release, so it can say nothing of the
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
    pub(crate) mod limits {
        pub(crate) const CONFIGURATIONS: usize = 2;
        pub(crate) const QUEUE_EVENTS: usize = 2;
        pub(crate) const QUEUE_SPILL_BYTES: usize = 64;
    }

    /// The runtime's values that a forked child has its own of: there are no children here.
    pub(crate) mod process {
        /// Nothing is recorded in an allocator here.
        pub(crate) struct Inside;

        impl Inside {
            pub(crate) fn enter() -> Self {
                Self
            }
        }

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
    /// As much of the runtime's sink as the queue asks for.
    pub(crate) mod sink {
        pub(crate) const INLINE_BYTES: usize = 8;

        pub(crate) struct Sink(pub(crate) Vec<u8>);

        impl Sink {
            pub(crate) fn bytes(&self) -> &[u8] {
                &self.0
            }

            pub(crate) fn len(&self) -> usize {
                self.0.len()
            }

            pub(crate) fn words(&self) -> Option<impl Iterator<Item = u64> + '_> {
                let word = |chunk: &[u8]| {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    u64::from_le_bytes(word)
                };
                (self.0.len() <= INLINE_BYTES).then(|| self.0.chunks(8).map(word))
            }
        }
    }
}

#[path = "../../../telemetry-runtime/src/base/interned.rs"]
mod interned;
#[path = "../../../telemetry-runtime/src/record/queue.rs"]
mod queue;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use loom::{model::Builder, sync::Arc, thread};

    use crate::{
        interned::{Interned, Reach},
        declare::sink::Sink,
        queue::Queue,
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

    fn push(queue: &Queue, number: u8) -> bool {
        queue.push(u32::from(number), u64::from(number) << 8, u32::from(number), number % 2 == 1, &Sink(vec![number; 5]))
    }

    /// The number of an event that came out whole.
    fn pop(queue: &Queue) -> Option<u8> {
        let queued = queue.pop()?;
        let number = queued.slot as u8;
        assert_eq!(queued.payload, vec![number; queued.payload.len()], "the payload of another event");
        let expected = (u64::from(number) << 8, u32::from(number), number % 2 == 1);
        assert_eq!((queued.mark, queued.configuration, queued.pending), expected);
        assert!(queued.payload.len() == 5 || queued.payload.len() == 20);
        Some(number)
    }

    #[test]
    fn two_producers_and_a_consumer_lose_and_mix_nothing() {
        model(|| {
            let queue = Arc::new(Queue::new());
            let producers: Vec<_> = (1..=2)
                .map(|number| {
                    let queue = queue.clone();
                    thread::spawn(move || push(&queue, number))
                })
                .collect();
            let mut came: Vec<_> = (0..2).filter_map(|_| pop(&queue)).collect();
            let pushed: Vec<_> = producers.into_iter().map(|producer| producer.join().unwrap()).collect();
            assert_eq!(pushed, [true, true], "there is room for two");
            came.extend(std::iter::from_fn(|| pop(&queue)));
            came.sort_unstable();
            assert_eq!(came, [1, 2]);
            assert!(queue.is_empty());
        });
    }

    #[test]
    fn a_full_queue_refuses_and_loses_nothing_that_it_took() {
        model(|| {
            let queue = Arc::new(Queue::new());
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || (1..=4).filter(|number| push(&queue, *number)).collect::<Vec<_>>())
            };
            let mut came: Vec<_> = (0..2).filter_map(|_| pop(&queue)).collect();
            let taken = producer.join().unwrap();
            came.extend(std::iter::from_fn(|| pop(&queue)));
            assert_eq!(came, taken, "what was taken came, in its order");
            assert!(taken.len() >= 2);
        });
    }

    #[test]
    fn long_payloads_find_their_events() {
        model(|| {
            let queue = Arc::new(Queue::new());
            let producer = {
                let queue = queue.clone();
                thread::spawn(move || queue.push(1, 1 << 8, 1, true, &Sink(vec![1; 20])))
            };
            let long = queue.push(2, 2 << 8, 2, false, &Sink(vec![2; 20]));
            assert!(producer.join().unwrap() && long);
            let mut came: Vec<_> = std::iter::from_fn(|| pop(&queue)).collect();
            came.sort_unstable();
            assert_eq!(came, [1, 2]);
        });
    }

    /// The queue with the table, as the runtime puts them together.
    struct Pipeline {
        queue: Queue,
        values: Interned<u8>,
        done: loom::sync::atomic::AtomicU64,
    }

    impl Pipeline {
        fn new() -> Arc<Self> {
            let done = loom::sync::atomic::AtomicU64::new(0);
            Arc::new(Self { queue: Queue::new(), values: Interned::new(), done })
        }

        fn set(&self, value: u8) {
            self.values.set(value, || {
                let done = self.done.load(Ordering::SeqCst);
                Reach { end: self.queue.end(), done }
            });
        }

        /// Whether the event was taken.
        fn record(&self, event: u8) -> bool {
            let number = self.values.current();
            number != 0 && self.queue.push(u32::from(event), 0, number, false, &Sink(vec![event; 5]))
        }

        /// An event with the value that it was recorded under, or without one.
        fn pop(&self) -> Option<(u8, Option<u8>)> {
            let queued = self.queue.pop()?;
            let value = self.values.get(queued.configuration);
            self.done.store(queued.position + 1, Ordering::SeqCst);
            Some((queued.slot as u8, value.as_deref().copied()))
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
                            pipeline.record(*value)
                        })
                        .collect::<Vec<_>>()
                })
            };
            let mut came: Vec<_> = (0..2).filter_map(|_| pipeline.pop()).collect();
            let taken = host.join().unwrap();
            came.extend(std::iter::from_fn(|| pipeline.pop()));
            assert_eq!(came, taken.iter().map(|value| (*value, Some(*value))).collect::<Vec<_>>());
            assert!(taken.len() >= 2);
        });
    }

    /// Another thread records while the value changes and old ones are freed.
    #[test]
    fn o27_an_event_of_another_thread_has_a_value_that_was_set_or_none() {
        model(|| {
            let pipeline = Pipeline::new();
            pipeline.set(1);
            let other = {
                let pipeline = pipeline.clone();
                thread::spawn(move || pipeline.record(9))
            };
            pipeline.set(2);
            pipeline.values.free(pipeline.done.load(Ordering::SeqCst));
            pipeline.set(3);
            let taken = other.join().unwrap();
            let came: Vec<_> = std::iter::from_fn(|| pipeline.pop()).collect();
            assert!(taken || came.is_empty());
            assert!(came.iter().all(|(_, value)| matches!(value, None | Some(1..=3))), "{came:?}");
        });
    }
}
