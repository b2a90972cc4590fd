//! Values that belong to events and are the same for most of them: an event carries a number, the table has the value.
//!
//! Whoever changes the value makes a new number; events that were recorded before keep the old one, however late they are
//! looked at. The table is bounded. An old value leaves it when no event can carry its number any more: when everything has
//! come out of the queue that went in while the number was the current one. While there is no room for a new value there is
//! no current number, and an event is refused rather than given the value of another.

use std::sync::{Arc, PoisonError};

// `tests/loom` compiles this file against a model of memory in which every order of the threads is tried.
#[cfg(loom)]
use crate::model::{AtomicU64, Mutex, MutexGuard, Ordering};
#[cfg(not(loom))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use crate::base::{
    limits::{CONFIGURATIONS, QUEUE_SHARDS},
    process::PerProcess,
};

/// A position in each shard of the queue.
pub(crate) type Positions = [u64; QUEUE_SHARDS];

/// The shard of a thread with this number.
#[inline]
pub(crate) fn shard_of(thread: usize) -> usize {
    thread.checked_rem(QUEUE_SHARDS).unwrap_or_default()
}

/// Numbers have as many bits as the queue has room for. They begin again after 16 million values, which a thread would have
/// to sleep through between two instructions to be mistaken.
pub(crate) const NUMBER_BITS: u32 = 24;

#[derive(Debug)]
pub(crate) struct Interned<T: 'static> {
    /// The number that an event gets now; 0 if there is none.
    current: AtomicU64,
    table: PerProcess<Mutex<Table<T>>>,
}

#[derive(Debug)]
struct Table<T> {
    entries: Vec<Entry<T>>,
    last: u32,
}

#[derive(Debug)]
struct Entry<T> {
    number: u32,
    value: Arc<T>,
    /// The end of each shard when the number stopped being the current one: no event behind it carries the number.
    until: Option<Positions>,
}

/// Where the queue is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// The positions that the next events get.
    pub(crate) end: Positions,
    /// All events before these positions were looked at.
    pub(crate) done: Positions,
}

impl<T> Table<T> {
    const fn new() -> Self {
        Self { entries: Vec::new(), last: 0 }
    }

    fn free(&mut self, done: &Positions) {
        let may_come = |until: &Positions| until.iter().zip(done).any(|(until, done)| until > done);
        self.entries.retain(|entry| entry.until.as_ref().is_none_or(may_come));
    }

    /// A number that no value has.
    fn next(&mut self) -> u32 {
        loop {
            self.last = (self.last + 1) % (1 << NUMBER_BITS);
            if self.last != 0 && self.entries.iter().all(|entry| entry.number != self.last) {
                return self.last;
            }
        }
    }
}

impl<T: PartialEq + Send + Sync> Interned<T> {
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        let table = || Mutex::new(Table::new());
        Self { current: AtomicU64::new(0), table: PerProcess::new(table(), |_| Mutex::new(Table::new())) }
    }

    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            current: AtomicU64::new(0),
            table: PerProcess::new(Mutex::new(Table::new()), |_| Mutex::new(Table::new())),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table<T>> {
        // A panic while the lock was held leaves a table that is still whole: entries are added and removed at once.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number that an event carries which is recorded now; 0 if there is none. One load.
    #[inline]
    pub(crate) fn current(&self) -> u32 {
        self.current.load(Ordering::Acquire) as u32
    }

    /// Makes `value` the one of all events that are recorded from now on; answers with its number, or 0 if there is no room
    /// for it.
    pub(crate) fn set(&self, value: T, reach: impl Fn() -> Reach) -> u32 {
        let mut table = self.table();
        let known = table.entries.iter().find(|entry| entry.value.as_ref() == &value).map(|entry| entry.number);
        if known.is_none() && table.entries.len() >= CONFIGURATIONS {
            table.free(&reach().done);
        }
        let number = match known {
            Some(number) => number,
            None if table.entries.len() >= CONFIGURATIONS => 0,
            None => {
                let number = table.next();
                table.entries.push(Entry { number, value: Arc::new(value), until: None });
                number
            }
        };
        self.current.store(u64::from(number), Ordering::SeqCst);
        // Only now: whatever carries the number before this one lies before this end.
        let end = reach().end;
        for entry in &mut table.entries {
            entry.until = if entry.number == number { None } else { entry.until.or(Some(end)) };
        }
        number
    }

    /// The value with this number; `None` if it has left the table.
    pub(crate) fn get(&self, number: u32) -> Option<Arc<T>> {
        self.table().entries.iter().find(|entry| entry.number == number).map(|entry| Arc::clone(&entry.value))
    }

    /// Frees the values that no event carries any more.
    pub(crate) fn free(&self, done: &Positions) {
        self.table().free(done);
    }

    /// In a forked child, whose table is empty.
    pub(crate) fn begin_again(&self) {
        self.current.store(0, Ordering::SeqCst);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// As if all events were in the last shard.
    fn positions(last: u64) -> Positions {
        let mut positions = [0; QUEUE_SHARDS];
        positions[QUEUE_SHARDS - 1] = last;
        positions
    }

    fn at(end: u64, done: u64) -> impl Fn() -> Reach {
        move || Reach { end: positions(end), done: positions(done) }
    }

    #[test]
    fn a_value_has_one_number_for_as_long_as_events_may_carry_it() {
        let table = Interned::new();
        assert_eq!((table.current(), table.get(0)), (0, None));
        let one = table.set("one", at(0, 0));
        assert_eq!((table.current(), table.set("one", at(3, 0))), (one, one));
        let two = table.set("two", at(5, 0));
        assert_ne!(one, two);
        assert_eq!(table.set("one", at(6, 0)), one, "interned");
        assert_eq!(table.set("two", at(9, 0)), two);
        table.free(&positions(8));
        assert_eq!(table.get(one).as_deref(), Some(&"one"), "an event before position 9 may carry it");
        table.free(&positions(9));
        assert_eq!((table.get(one), table.get(two).as_deref()), (None, Some(&"two")));
        assert_eq!(table.current(), two, "the current one stays");
    }

    #[test]
    fn o27_a_full_table_gives_no_number_rather_than_a_wrong_one() {
        let table = Interned::new();
        let full = CONFIGURATIONS as u64;
        let numbers: Vec<_> = (0..full).map(|value| table.set(value, at(value + 1, 0))).collect();
        assert!(numbers.iter().all(|number| *number != 0));
        assert_eq!((table.set(full, at(full + 1, 0)), table.current()), (0, 0));
        assert_eq!(table.set(7, at(full + 1, 0)), numbers[7], "what is in the table has its number still");
        assert_eq!(table.set(full, at(full + 1, 1)), 0, "the first value was the current one up to position 2");
        let new = table.set(full, at(full + 1, 2));
        assert!(new != 0 && !numbers.contains(&new), "no number comes again");
        assert_eq!((table.get(numbers[0]), table.get(numbers[1]).as_deref()), (None, Some(&1)));
    }

    #[test]
    fn numbers_begin_again_and_pass_those_in_use() {
        let table = Interned::new();
        let first = table.set(1, at(0, 0));
        table.table().last = (1 << NUMBER_BITS) - 2;
        assert_eq!(table.set(2, at(1, 0)), (1 << NUMBER_BITS) - 1);
        assert_eq!(table.set(3, at(2, 0)), first + 1, "neither 0, which is none, nor the one of the first value");
    }
}
