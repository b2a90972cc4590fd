//! Values that belong to events and are the same for most of them, in a page; the same names as in `interned.rs`. A page empties its queue
//! between two tasks, and then no event carries a number any more: so the table begins again where it is full and the queue is empty.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};

use crate::base::{
    limits::{CONFIGURATIONS, QUEUE_SHARDS},
    process,
};

/// A position in each shard of the queue.
pub(crate) type Positions = [u64; QUEUE_SHARDS];

/// The shard of a thread: there is one.
#[inline]
pub(crate) const fn shard_of(_thread: usize) -> usize {
    0
}

/// Where the queue is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// The positions that the next events get.
    pub(crate) end: Positions,
    /// All events before these positions were looked at.
    pub(crate) done: Positions,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Interned<T: 'static> {
    /// The number that an event gets now; 0 if there is none.
    current: AtomicU32,
    /// The values by their numbers, from 1 on.
    table: Mutex<Vec<Arc<T>>>,
}

impl<T: PartialEq> Interned<T> {
    pub(crate) const fn new() -> Self {
        Self { current: AtomicU32::new(0), table: Mutex::new(Vec::new()) }
    }

    fn table(&self) -> MutexGuard<'_, Vec<Arc<T>>> {
        process::lock(&self.table)
    }

    /// The number that an event carries which is recorded now; 0 if there is none.
    #[inline]
    pub(crate) fn current(&self) -> u32 {
        self.current.load(Ordering::Relaxed)
    }

    /// Makes `value` the one of all events that are recorded from now on; answers with its number, or 0 if there is no room
    /// for it.
    pub(crate) fn set(&self, value: T, reach: impl Fn() -> Reach) -> u32 {
        let mut table = self.table();
        if table.len() >= CONFIGURATIONS {
            let Reach { end, done } = reach();
            if end == done {
                table.clear();
            }
        }
        let place = table.iter().position(|known| **known == value).or_else(|| {
            (table.len() < CONFIGURATIONS).then(|| {
                table.push(Arc::new(value));
                table.len() - 1
            })
        });
        let number = place.map_or(0, |place| place as u32 + 1);
        self.current.store(number, Ordering::Relaxed);
        number
    }

    /// The value with this number; `None` if it has left the table.
    pub(crate) fn get(&self, number: u32) -> Option<Arc<T>> {
        self.table().get((number as usize).wrapping_sub(1)).cloned()
    }

    /// Frees nothing: see [`Interned::set`].
    pub(crate) fn free(&self, _done: &Positions) {}

    /// No page is forked.
    pub(crate) fn begin_again(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(end: u64, done: u64) -> impl Fn() -> Reach {
        move || Reach { end: [end; QUEUE_SHARDS], done: [done; QUEUE_SHARDS] }
    }

    #[test]
    fn a_value_has_one_number() {
        let table = Interned::new();
        assert_eq!((table.current(), table.get(0)), (0, None));
        let one = table.set("one", at(0, 0));
        let two = table.set("two", at(1, 0));
        assert_ne!(one, two);
        assert_eq!((table.set("one", at(2, 0)), table.current()), (one, one));
        assert_eq!((table.get(one).as_deref(), table.get(two).as_deref()), (Some(&"one"), Some(&"two")));
    }

    #[test]
    fn o27_a_full_table_gives_no_number_rather_than_a_wrong_one() {
        let table = Interned::new();
        let full = CONFIGURATIONS as u64;
        let numbers: Vec<_> = (0..full).map(|value| table.set(value, at(value + 1, 0))).collect();
        assert!(numbers.iter().all(|number| *number != 0));
        assert_eq!((table.set(full, at(full, 1)), table.current()), (0, 0), "events may carry any of them");
        assert_eq!(table.set(7, at(full, 1)), numbers[7], "what is in the table has its number still");
        let new = table.set(full, at(full, full));
        assert_eq!(table.get(new).as_deref(), Some(&full), "nothing waits any more");
        assert_eq!(table.get(numbers[7]), None);
    }
}
