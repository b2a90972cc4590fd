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

/// A heap, of which the largest is taken until none is left.
fn by<T>(values: &mut [T], is_less: &dyn Fn(&T, &T) -> bool) {
    let all = values.len();
    for root in (0..all / 2).rev() {
        sink(values, root, all, is_less);
    }
    for end in (1..all).rev() {
        exchange(values, 0, end);
        sink(values, 0, end, is_less);
    }
}

/// Exchanges two values, the first of which stands before the second.
pub fn exchange<T>(values: &mut [T], one: usize, other: usize) {
    let Some((before, behind)) = values.split_at_mut_checked(other) else { return };
    if let (Some(one), Some(other)) = (before.get_mut(one), behind.first_mut()) {
        std::mem::swap(one, other);
    }
}

fn sink<T>(values: &mut [T], mut root: usize, end: usize, is_less: &dyn Fn(&T, &T) -> bool) {
    let less = |values: &[T], one: usize, other: usize| {
        other < end && values.get(one).zip(values.get(other)).is_some_and(|(one, other)| is_less(one, other))
    };
    loop {
        let mut child = 2 * root + 1;
        child += usize::from(less(values, child, child + 1));
        if !less(values, root, child) {
            return;
        }
        exchange(values, root, child);
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
