//! Collections of a page: sorted vectors, with the names and as much of the behaviour of the standard library's as is used. A tree, and a table
//! with a hash function, are a hundred times the code for each type that stands in them, and here they hold a handful of values.

use std::{borrow::Borrow, cmp::Ordering, mem, slice, vec};

use telemetry_schema::order;

pub(crate) type HashMap<K, V> = BTreeMap<K, V>;
pub(crate) type HashSet<T> = BTreeSet<T>;

/// Adds a value at a place, or at the end. The method of `Vec` may panic.
fn insert<T>(values: &mut Vec<T>, place: usize, value: T) {
    let end = values.len();
    values.push(value);
    (place..end).rev().for_each(|at| order::exchange(values, at, at + 1));
}

/// The place of a value among those that are sorted. Most that come are the largest.
fn place<T>(values: &[T], compare: impl Fn(&T) -> Ordering) -> usize {
    values.len() - values.iter().rev().take_while(|known| !compare(known).is_lt()).count()
}

/// Takes a value out. The method of `Vec` may panic.
fn remove<T>(values: &mut Vec<T>, place: usize) -> Option<T> {
    let last = values.len().checked_sub(1)?;
    (place..last).for_each(|at| order::exchange(values, at, at + 1));
    if place <= last { values.pop() } else { None }
}

/// Values by keys, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BTreeMap<K, V>(Vec<(K, V)>);

impl<K, V> BTreeMap<K, V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn into_keys(self) -> impl Iterator<Item = K> {
        self.0.into_iter().map(|(key, _)| key)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }

    pub(crate) fn pop_last(&mut self) -> Option<(K, V)> {
        self.0.pop()
    }
}

impl<K: Ord, V> BTreeMap<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.0.iter().position(|(known, _)| known.borrow() == key)
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(self.place(key)?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key)?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_some()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let place = place(&self.0, |(known, _)| known.cmp(&key));
        match self.0.get_mut(place).filter(|(known, _)| *known == key) {
            Some((_, known)) => Some(mem::replace(known, value)),
            None => {
                insert(&mut self.0, place, (key, value));
                None
            }
        }
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key)?;
        remove(&mut self.0, place).map(|(_, value)| value)
    }
}

impl<K, V> Default for BTreeMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V> Extend<(K, V)> for BTreeMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, rows: I) {
        rows.into_iter().for_each(|(key, value)| drop(self.insert(key, value)));
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for BTreeMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        let mut map = Self::new();
        map.extend(rows);
        map
    }
}

impl<K, V> IntoIterator for BTreeMap<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Values, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BTreeSet<T>(Vec<T>);

impl<T> BTreeSet<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.0.first()
    }

    pub(crate) fn last(&self) -> Option<&T> {
        self.0.last()
    }

    pub(crate) fn pop_last(&mut self) -> Option<T> {
        self.0.pop()
    }
}

impl<T: Ord> BTreeSet<T> {
    pub(crate) fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.iter().any(|known| known.borrow() == value)
    }

    pub(crate) fn insert(&mut self, value: T) -> bool {
        let place = place(&self.0, |known| known.cmp(&value));
        let is_new = self.0.get(place) != Some(&value);
        if is_new {
            insert(&mut self.0, place, value);
        }
        is_new
    }

    pub(crate) fn remove(&mut self, value: &T) -> bool {
        let place = self.0.iter().position(|known| known == value);
        place.is_some_and(|place| remove(&mut self.0, place).is_some())
    }
}

impl<T> Default for BTreeSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ord> Extend<T> for BTreeSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| {
            self.insert(value);
        });
    }
}

impl<T: Ord> FromIterator<T> for BTreeSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::new();
        set.extend(values);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for BTreeSet<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> IntoIterator for BTreeSet<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a BTreeSet<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VecDeque<T>(Vec<T>);

impl<T> VecDeque<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.0.first()
    }

    pub(crate) fn back_mut(&mut self) -> Option<&mut T> {
        self.0.last_mut()
    }

    pub(crate) fn push_front(&mut self, value: T) {
        insert(&mut self.0, 0, value);
    }

    pub(crate) fn push_back(&mut self, value: T) {
        self.0.push(value);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        self.remove(0)
    }

    pub(crate) fn remove(&mut self, place: usize) -> Option<T> {
        remove(&mut self.0, place)
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// All of them, which are taken out at once.
    pub(crate) fn drain(&mut self, _all: std::ops::RangeFull) -> vec::IntoIter<T> {
        mem::take(&mut self.0).into_iter()
    }
}

impl<T> Default for VecDeque<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for VecDeque<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.0.extend(values);
    }
}

impl<T> IntoIterator for VecDeque<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a VecDeque<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
