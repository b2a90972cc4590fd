//! Sorting, for lists that are short or sorted once: a fiftieth of the code that the standard library makes for each type.

/// Sorts values.
pub fn sort<T: Ord>(values: &mut [T]) {
    by(values, &|one, other| one < other);
}

/// Sorts values by a key; the order of those that have the same is anything.
pub fn sort_by_key<T, K: Ord>(values: &mut [T], key: impl Fn(&T) -> K) {
    by(values, &|one, other| key(one) < key(other));
}

/// Sorts values, and leaves one of each.
pub fn set<T: Ord>(values: &mut Vec<T>) {
    sort(values);
    values.dedup();
}

fn by<T>(values: &mut [T], is_less: &dyn Fn(&T, &T) -> bool) {
    heap(&mut Values { values, is_less });
}

/// What sorting asks of values, whatever they are: how it is done is code once, and not for each type.
trait Rows {
    fn len(&self) -> usize;
    fn is_less(&self, one: usize, other: usize) -> bool;
    fn exchange(&mut self, one: usize, other: usize);
}

struct Values<'a, T> {
    values: &'a mut [T],
    is_less: &'a dyn Fn(&T, &T) -> bool,
}

impl<T> Rows for Values<'_, T> {
    fn len(&self) -> usize {
        self.values.len()
    }

    fn is_less(&self, one: usize, other: usize) -> bool {
        self.values.get(one).zip(self.values.get(other)).is_some_and(|(one, other)| (self.is_less)(one, other))
    }

    fn exchange(&mut self, one: usize, other: usize) {
        exchange(self.values, one, other);
    }
}

/// A heap, of which the largest is taken until none is left.
fn heap(rows: &mut dyn Rows) {
    let all = rows.len();
    for root in (0..all / 2).rev() {
        sink(rows, root, all);
    }
    for end in (1..all).rev() {
        rows.exchange(0, end);
        sink(rows, 0, end);
    }
}

/// Exchanges two values, the first of which stands before the second.
pub fn exchange<T>(values: &mut [T], one: usize, other: usize) {
    let Some((before, behind)) = values.split_at_mut_checked(other) else { return };
    if let (Some(one), Some(other)) = (before.get_mut(one), behind.first_mut()) {
        std::mem::swap(one, other);
    }
}

fn sink(rows: &mut dyn Rows, mut root: usize, end: usize) {
    loop {
        let mut child = 2 * root + 1;
        if child + 1 < end && rows.is_less(child, child + 1) {
            child += 1;
        }
        if child >= end || !rows.is_less(root, child) {
            return;
        }
        rows.exchange(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut number = 7_u32;
        for len in 0..200 {
            let values: Vec<_> = (0..len)
                .map(|_| {
                    number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    number >> 25
                })
                .collect();
            let (mut ours, mut theirs) = (values.clone(), values.clone());
            sort(&mut ours);
            theirs.sort();
            assert_eq!(ours, theirs);
            sort_by_key(&mut ours, |value| std::cmp::Reverse(*value));
            theirs.reverse();
            assert_eq!(ours, theirs);
            let mut ours = values;
            set(&mut ours);
            theirs.reverse();
            theirs.dedup();
            assert_eq!(ours, theirs);
        }
    }
}
