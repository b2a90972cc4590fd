//! Which entry of an old list belongs to which entry of the new one.

use std::collections::{BTreeMap, VecDeque};

/// Two lists, entry by entry.
#[derive(Debug)]
pub(super) struct Pairs<'a, T> {
    /// Entries with the same key, in the order of the new list.
    pub(super) both: Vec<(&'a T, &'a T)>,
    /// Entries of the old list alone.
    pub(super) removed: Vec<&'a T>,
    /// Entries of the new list alone.
    pub(super) added: Vec<&'a T>,
    /// The entries of both stand in another order.
    pub(super) reordered: bool,
}

/// Pairs the entries of two lists by their keys. Where a key stands more than once, the first belongs to the first; a
/// well-formed record has no such lists, but a file that somebody made up may.
pub(super) fn pair<'a, T, K: Ord>(old: &'a [T], new: &'a [T], key: impl Fn(&'a T) -> K) -> Pairs<'a, T> {
    // By key and not by a search through the list: files are untrusted, and lists may be long.
    let mut waiting: BTreeMap<K, VecDeque<(usize, &'a T)>> = BTreeMap::new();
    for (index, entry) in old.iter().enumerate() {
        waiting.entry(key(entry)).or_default().push_back((index, entry));
    }
    let mut pairs = Pairs { both: Vec::new(), removed: Vec::new(), added: Vec::new(), reordered: false };
    let mut last = 0;
    for entry in new {
        match waiting.get_mut(&key(entry)).and_then(VecDeque::pop_front) {
            Some((index, before)) => {
                pairs.reordered |= index < last;
                last = index;
                pairs.both.push((before, entry));
            }
            None => pairs.added.push(entry),
        }
    }
    let mut left: Vec<_> = waiting.into_values().flatten().collect();
    left.sort_by_key(|(index, _)| *index);
    pairs.removed = left.into_iter().map(|(_, entry)| entry).collect();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(old: &[&'static str], new: &[&'static str]) -> (usize, Vec<&'static str>, Vec<&'static str>, bool) {
        let pairs = pair(old, new, |text| *text);
        let names = |list: Vec<&&'static str>| list.into_iter().copied().collect();
        (pairs.both.len(), names(pairs.removed), names(pairs.added), pairs.reordered)
    }

    #[test]
    fn entries_meet_by_key_and_occurrence() {
        assert_eq!(paired(&["a", "b"], &["a", "b"]), (2, vec![], vec![], false));
        assert_eq!(paired(&["a", "b", "c"], &["d", "b"]), (1, vec!["a", "c"], vec!["d"], false));
        assert_eq!(paired(&["a", "b"], &["b", "a"]), (2, vec![], vec![], true));
        assert_eq!(paired(&["a", "a"], &["a"]), (1, vec!["a"], vec![], false));
        assert_eq!(paired(&["a"], &["b", "a"]), (1, vec![], vec!["b"], false));
    }
}
