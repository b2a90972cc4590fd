//! A list of statics, each of which keeps the place of the next one: to add one allocates nothing and takes no lock, so it can be done
//! before `main`.
#![allow(unsafe_code, reason = "a pointer to a static; see the one `SAFETY` below")]

use std::{
    fmt, ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

/// Where an entry keeps the next one: null in no list, itself at the end of one.
pub(crate) struct Link<T: 'static>(AtomicPtr<T>);

impl<T> Link<T> {
    /// Of an entry that is in no list.
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

/// What can be an entry, of one list.
pub(crate) trait Linked: Sync + Sized + 'static {
    /// Where it keeps the next one.
    fn link(&self) -> &Link<Self>;
}

/// A list to which entries are added at the front and never removed.
pub(crate) struct Chain<T: 'static> {
    newest: AtomicPtr<T>,
}

impl<T: Linked> Chain<T> {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self { newest: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds an entry, once.
    pub(crate) fn add(&self, entry: &'static T) {
        let (this, next) = (ptr::from_ref(entry).cast_mut(), &entry.link().0);
        if next.compare_exchange(ptr::null_mut(), this, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let mut newest = self.newest.load(Ordering::Relaxed);
        loop {
            if !newest.is_null() {
                next.store(newest, Ordering::Relaxed);
            }
            match self.newest.compare_exchange_weak(newest, this, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(other) => newest = other,
            }
        }
    }

    /// All entries, the newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static T> {
        std::iter::successors(at(&self.newest), |entry| at(&entry.link().0).filter(|next| !ptr::eq(*next, *entry)))
    }
}

fn at<T>(place: &AtomicPtr<T>) -> Option<&'static T> {
    // SAFETY: the pointer is null or came from a `&'static T` in `Chain::add`, and nothing but shared references of it is ever made.
    unsafe { place.load(Ordering::Acquire).as_ref() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(u32, Link<Entry>);

    impl Linked for Entry {
        fn link(&self) -> &Link<Self> {
            &self.1
        }
    }

    fn entry(number: u32) -> &'static Entry {
        Box::leak(Box::new(Entry(number, Link::new())))
    }

    #[test]
    fn every_entry_is_found_once_newest_first() {
        static CHAIN: Chain<Entry> = Chain::new();
        assert_eq!(CHAIN.iter().count(), 0);
        let (one, two) = (entry(1), entry(2));
        for entry in [one, two, one, two, two] {
            CHAIN.add(entry);
        }
        assert_eq!(CHAIN.iter().map(|entry| entry.0).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn threads_that_add_lose_nothing() {
        static CHAIN: Chain<Entry> = Chain::new();
        let add = |thread: u32| move || (0..100).for_each(|number| CHAIN.add(entry(thread * 100 + number)));
        let threads: Vec<_> = (0..4).map(|thread| std::thread::spawn(add(thread))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let mut all: Vec<_> = CHAIN.iter().map(|entry| entry.0).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..400));
    }
}
