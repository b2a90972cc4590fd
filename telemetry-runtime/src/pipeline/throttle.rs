//! Which events were recorded recently: a fixed table that callers read and write without a lock or a clock.
//!
//! An entry is one atomic word: 40 bits of the event's hash, then the hour in which it expires, counted from 1970. The
//! caller compares that with a coarse clock kept by the worker. The table is bounded; where all places of a hash are
//! taken, the oldest gives way, and at worst an event is recorded once more than it should be.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Places in the table, 8 bytes each. An SDK with a thousand distinct events a day fills a quarter of it.
const PLACES: usize = 4096;

/// How many neighbouring places one hash may use.
const PROBES: usize = 8;

const HOUR_BITS: u32 = 24;
const HOUR_MASK: u64 = (1 << HOUR_BITS) - 1;

/// Hours since 1970-01-01, UTC; 0 until somebody looked at the clock.
static NOW: AtomicU32 = AtomicU32::new(0);

/// The hour in which the current UTC day ends, so that callers need not divide.
static END_OF_DAY: AtomicU32 = AtomicU32::new(24);

static TABLE: Table = Table::new();

pub(crate) fn table() -> &'static Table {
    &TABLE
}

/// The coarse clock, in hours since 1970.
#[inline]
pub(crate) fn now_hours() -> u32 {
    NOW.load(Ordering::Relaxed)
}

/// The hour in which the current UTC day ends, by the coarse clock.
#[inline]
pub(crate) fn end_of_day() -> u32 {
    END_OF_DAY.load(Ordering::Relaxed)
}

/// Moves the coarse clock.
pub(crate) fn set_now(hours: u32) {
    END_OF_DAY.store((hours - hours % 24).saturating_add(24), Ordering::Relaxed);
    NOW.store(hours, Ordering::Relaxed);
}

/// Folds one word into a hash: the halves of a 128-bit product, which mixes as well as it is quick.
#[inline]
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    // The first 64 binary digits of the golden ratio's fraction: odd and without pattern.
    let product = u128::from(hash ^ word) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

/// The 40 bits of a hash that the table keeps, and that the state folder remembers.
#[inline]
pub(crate) fn mark(hash: u64) -> u64 {
    // 0 means an empty place, so it is never a mark.
    (hash >> HOUR_BITS) | 1
}

pub(crate) struct Table([AtomicU64; PLACES]);

impl Table {
    const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; PLACES])
    }

    /// Whether `mark` is taken in the first place where it can be: the quick answer for nearly all repeats.
    #[inline]
    pub(crate) fn is_taken_at_home(&self, mark: u64) -> bool {
        let found = self.0.get(mark as usize % PLACES).map_or(0, |place| place.load(Ordering::Relaxed));
        found >> HOUR_BITS == mark && found & HOUR_MASK > u64::from(now_hours())
    }

    /// Takes the place of `mark` until `expires`; `false` if it was taken already.
    pub(crate) fn take(&self, mark: u64, expires: u32) -> bool {
        let now = u64::from(now_hours());
        let entry = mark << HOUR_BITS | u64::from(expires) & HOUR_MASK;
        let mut weakest: Option<(&AtomicU64, u64)> = None;
        for probe in 0..PROBES {
            let Some(place) = self.0.get((mark as usize).wrapping_add(probe) % PLACES) else { continue };
            let found = place.load(Ordering::Relaxed);
            if found >> HOUR_BITS == mark {
                if found & HOUR_MASK > now {
                    return false;
                }
                return place.compare_exchange(found, entry, Ordering::Relaxed, Ordering::Relaxed).is_ok();
            }
            if weakest.is_none_or(|(_, weak)| found & HOUR_MASK < weak & HOUR_MASK) {
                weakest = Some((place, found));
            }
            if found == 0 {
                break; // Places are never emptied within a day, so nothing of this hash lies behind a free one.
            }
        }
        if let Some((place, found)) = weakest {
            // Losing this race to another event costs that one a repeat, not this one its place in the batch.
            let _ = place.compare_exchange(found, entry, Ordering::Relaxed, Ordering::Relaxed);
        }
        true
    }

    /// Gives a place back: its event was not recorded after all.
    pub(crate) fn release(&self, mark: u64) {
        for probe in 0..PROBES {
            let Some(place) = self.0.get((mark as usize).wrapping_add(probe) % PLACES) else { continue };
            let found = place.load(Ordering::Relaxed);
            if found >> HOUR_BITS == mark {
                // The mark stays, so that searches do not stop here; only the hour says that it is over.
                let _ = place.compare_exchange(found, mark << HOUR_BITS, Ordering::Relaxed, Ordering::Relaxed);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_taken_once_until_it_expires() {
        let table = Table::new();
        let expires = now_hours() + 24;
        assert!(table.take(5, expires));
        assert!(!table.take(5, expires));
        assert!(table.take(6, expires));
        table.release(5);
        assert!(table.take(5, expires));
        assert!(!table.take(5, expires));
        assert!(table.take(7, now_hours()), "expired at once");
        assert!(table.take(7, expires));
    }

    #[test]
    fn a_full_neighbourhood_forgets_its_oldest() {
        let table = Table::new();
        let now = now_hours();
        for number in 0..PROBES as u64 {
            assert!(table.take(3 + number * PLACES as u64, now + 10 + number as u32));
        }
        assert!(table.take(3 + 99 * PLACES as u64, now + 50));
        assert!(!table.take(3 + PLACES as u64, now + 50), "the younger ones stay");
        assert!(table.take(3, now + 50), "the oldest was forgotten");
    }

    #[test]
    fn hashes_spread() {
        let marks: std::collections::HashSet<_> = (0..100_000).map(|number| mark(mix(1, number))).collect();
        assert!(marks.len() > 99_990, "{}", marks.len());
    }
}
