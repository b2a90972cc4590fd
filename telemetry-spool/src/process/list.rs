//! Lists that grow only, and that can be read where no lock may be taken.
#![allow(unsafe_code, reason = "a pointer that a signal-safe reader follows; see the one `SAFETY` below")]

use std::{
    fmt, ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A list to which entries are added at the front and never removed. Reading it allocates nothing and takes no lock, so
/// the handler of a fork may do it.
pub struct List<T: 'static> {
    newest: AtomicPtr<Node<T>>,
}

struct Node<T: 'static> {
    value: T,
    older: Option<&'static Node<T>>,
}

impl<T: Sync> Default for List<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Sync> List<T> {
    /// An empty list.
    pub const fn new() -> Self {
        Self { newest: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds an entry, which lives as long as the process.
    pub fn push(&self, value: T) -> &'static T {
        let node = Box::leak(Box::new(Node { value, older: self.newest() }));
        loop {
            let before = node.older.map_or(ptr::null_mut(), |node| ptr::from_ref(node).cast_mut());
            let node_ptr = ptr::from_mut(node);
            if self.newest.compare_exchange(before, node_ptr, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return &node.value;
            }
            node.older = self.newest();
        }
    }

    /// All entries, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &'static T> {
        std::iter::successors(self.newest(), |node| node.older).map(|node| &node.value)
    }

    fn newest(&self) -> Option<&'static Node<T>> {
        // SAFETY: the pointer is null or came from `Box::leak` in `push` and was published with `Release`; a published
        // node is never freed or changed.
        unsafe { self.newest.load(Ordering::Acquire).as_ref() }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("List(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_newest_first() {
        static LIST: List<u32> = List::new();
        assert_eq!(LIST.iter().count(), 0);
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                std::thread::spawn(move || {
                    for number in 0..100 {
                        assert_eq!(*LIST.push(thread * 100 + number), thread * 100 + number);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        LIST.push(1000);
        let all: Vec<u32> = LIST.iter().copied().collect();
        assert_eq!(all.first(), Some(&1000));
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq((0..400).chain([1000])), "{sorted:?}");
        for thread in 0..4 {
            let own: Vec<_> = all.iter().filter(|number| *number / 100 == thread).collect();
            assert!(own.is_sorted_by(|newer, older| newer > older), "{own:?}");
        }
    }
}
