//! What this process has appended to segments that will be sent soon: it need not be read again.
//!
//! What stands here is what was written, so it is neither summed up nor looked through for damage. It counts for a segment that
//! this process has begun and nobody else has appended to, as its length says; everything else is read from the disk.
//! Nothing is kept before somebody has sent from this spool, and nothing after an attempt has failed.
//!
//! The memory of segments that stand no more serves the next ones until [`Recent::rest`]: a fresh page costs as much as
//! writing a dozen events into it.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::limits::{RECENT_SEGMENTS, SEGMENT_BYTES};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    wanted: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By the ids of the segments, the oldest first.
    segments: Vec<(String, Arc<Vec<u8>>)>,
    /// Empty ones whose memory is there.
    spare: Vec<Vec<u8>>,
    /// Something was appended since the last rest.
    busy: bool,
}

impl Recent {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing is done under this lock that could panic half-way.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether what is appended from now on will be sent soon.
    pub(crate) fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
        if !wanted {
            self.forget();
        }
    }

    /// Bytes were appended to a segment that had so many.
    pub(crate) fn append(&self, segment: &str, before: u64, bytes: &[u8]) {
        if !self.wanted.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.kept();
        let Kept { segments, spare, busy } = &mut *kept;
        *busy = true;
        match segments.iter().position(|(id, _)| id == segment) {
            Some(place) => match segments.get_mut(place) {
                // Who sends a part of it has the bytes so far.
                Some((_, all)) if all.len() as u64 == before => Arc::make_mut(all).extend_from_slice(bytes),
                // Somebody else has appended in between.
                _ => drop(segments.remove(place)),
            },
            // Those that are there already are sent before it.
            None if before == 0 && segments.len() < RECENT_SEGMENTS => {
                // Pages that are not touched cost nothing.
                let mut all = spare.pop().unwrap_or_else(|| Vec::with_capacity(SEGMENT_BYTES as usize));
                all.extend_from_slice(bytes);
                segments.push((segment.to_owned(), Arc::new(all)));
            }
            None => {}
        }
    }

    /// All of a segment that has so many bytes; `None` where they are not known.
    pub(crate) fn of(&self, segment: &str, len: u64) -> Option<Arc<Vec<u8>>> {
        self.kept()
            .segments
            .iter()
            .find(|(id, bytes)| id == segment && bytes.len() as u64 == len)
            .map(|(_, bytes)| Arc::clone(bytes))
    }

    /// Forgets all: the disk says something else.
    pub(crate) fn forget(&self) {
        *self.kept() = Kept::default();
    }

    /// Forgets segments that stand no more.
    pub(crate) fn keep(&self, stands: impl Fn(&str) -> bool) {
        let mut kept = self.kept();
        let Kept { segments, spare, busy } = &mut *kept;
        for (id, bytes) in mem::take(segments) {
            if stands(&id) {
                segments.push((id, bytes));
            } else if *busy && let Ok(mut bytes) = Arc::try_unwrap(bytes) {
                bytes.clear();
                spare.push(bytes);
            }
        }
    }

    /// No events come: gives back what serves the next segments.
    pub(crate) fn rest(&self) {
        let mut kept = self.kept();
        kept.spare = Vec::new();
        kept.busy = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_counts_as_long_as_nobody_else_appends_to_it() {
        let recent = Recent::default();
        recent.append("one", 0, b"abc");
        assert_eq!(recent.of("one", 3), None, "nobody sends");
        recent.want(true);
        recent.append("one", 3, b"def");
        assert_eq!(recent.of("one", 6), None, "its beginning is not known");
        recent.append("two", 0, b"abc");
        let sent = recent.of("two", 3).unwrap();
        recent.append("two", 3, b"def");
        assert_eq!((sent.as_slice(), recent.of("two", 6).unwrap().as_slice()), (&b"abc"[..], &b"abcdef"[..]));
        assert_eq!(recent.of("two", 9), None, "somebody has appended");
        recent.append("two", 9, b"g");
        assert_eq!(recent.of("two", 6), None, "and it shows");
    }

    #[test]
    fn only_the_first_that_stand_are_kept() {
        let recent = Recent::default();
        recent.want(true);
        for number in 0..=RECENT_SEGMENTS {
            recent.append(&number.to_string(), 0, b"x");
        }
        assert!(recent.of(&RECENT_SEGMENTS.to_string(), 1).is_none() && recent.of("1", 1).is_some());
        recent.keep(|segment| segment == "2");
        assert!(recent.of("1", 1).is_none() && recent.of("2", 1).is_some());
        recent.want(false);
        assert!(recent.of("2", 1).is_none());
    }

    #[test]
    fn memory_serves_again_until_a_rest() {
        let recent = Recent::default();
        recent.want(true);
        let spare = |recent: &Recent| recent.kept().spare.len();
        recent.append("1", 0, b"abc");
        recent.append("2", 0, b"d");
        let sent = recent.of("2", 1);
        recent.keep(|_| false);
        assert_eq!((spare(&recent), sent.unwrap().as_slice()), (1, &b"d"[..]), "who sends keeps what it has");
        recent.append("3", 0, b"x");
        assert_eq!((spare(&recent), recent.of("3", 1).unwrap().as_slice()), (0, &b"x"[..]));
        recent.rest();
        recent.keep(|_| false);
        assert_eq!(spare(&recent), 0, "nothing came since");
        recent.append("4", 0, b"x");
        recent.keep(|_| false);
        assert_eq!(spare(&recent), 1);
        recent.rest();
        assert_eq!(spare(&recent), 0);
    }
}
