//! Which events were recorded recently: a fixed table that callers read and write without a lock or a clock.
//!
//! An entry is one atomic word: the mark, which is 38 bits of the event's hash and `01`, then the tick at which it expires: quarters of an hour, counted
//! from 1970. The caller compares that with a coarse clock kept by the worker, which wakes at every tick. The table is bounded; where all cells of a hash are
//! taken, the oldest gives way, and at worst an event is recorded once more than it should be.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::{
    base::clock::{self, TICKS_PER_DAY, TICKS_PER_HOUR},
    declare::{sdk::meta::EventMeta, sink::Payload},
};
use telemetry_schema::Throttle;

/// Cells in the table, 8 bytes each. An SDK with a thousand distinct events a day fills a quarter of it.
const CELLS: usize = 4096;

/// How many cells one hash may use: those of one cache line.
const PROBES: usize = 8;

/// Enough until the year 2448.
const TICK_BITS: u32 = 24;
const TICK_MASK: u64 = (1 << TICK_BITS) - 1;

/// The two lowest bits of a mark in a cell, and what they are: 0 means an empty cell, and no mark follows another one.
const MARK_ENDS: u64 = 3 << TICK_BITS;
const MARKED: u64 = 1 << TICK_BITS;

/// The tick that comes next, since 1970-01-01, UTC: what is taken until then or later is taken now. 1 until somebody looked at the clock.
/// Together with [`MARKED`], as in each cell.
static NEXT: AtomicU64 = AtomicU64::new(MARKED | 1);

/// The tick at which the current UTC day ends, so that callers need not divide.
static END_OF_DAY: AtomicU32 = AtomicU32::new(TICKS_PER_DAY);

static TABLE: Table = Table::new();

pub(crate) fn table() -> &'static Table {
    &TABLE
}

/// The coarse clock, in ticks since 1970.
#[inline]
pub(crate) fn now() -> u32 {
    ((NEXT.load(Ordering::Relaxed) & TICK_MASK) as u32).saturating_sub(1)
}

/// The tick at which the current UTC day ends, by the coarse clock.
#[inline]
pub(crate) fn end_of_day() -> u32 {
    END_OF_DAY.load(Ordering::Relaxed)
}

/// Moves the coarse clock to what the clock says.
pub(crate) fn set_now() {
    let ticks = clock::now_ticks();
    END_OF_DAY.store((ticks - ticks % TICKS_PER_DAY).saturating_add(TICKS_PER_DAY), Ordering::Relaxed);
    NEXT.store(MARKED | u64::from(ticks.saturating_add(1)) & TICK_MASK, Ordering::Relaxed);
}

/// The tick at which so many hours are over for an event that is recorded during the tick `now`. It may be recorded at the
/// very end of that tick, so one more has to pass: never early, and up to a quarter of an hour late.
#[inline]
pub(crate) fn rolling_until(now: u32, hours: u32) -> u32 {
    now.saturating_add(hours.saturating_mul(TICKS_PER_HOUR)).saturating_add(1)
}

/// Folds one word into a hash: the halves of a 128-bit product, which mixes as well as it is quick.
#[inline]
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    // The first 64 binary digits of the golden ratio's fraction: odd and without pattern.
    let product = u128::from(hash ^ word) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

/// A mark that is looked for at this moment.
#[derive(Clone, Copy)]
pub(crate) struct Sought {
    /// As the cell that is taken for the shortest time.
    entry: u64,
}

impl Sought {
    /// By the bits of a hash that the table keeps, and that the state folder remembers.
    #[inline]
    fn of(hash: u64) -> Self {
        Self { entry: hash & !(MARK_ENDS | TICK_MASK) | NEXT.load(Ordering::Relaxed) }
    }

    /// Out of the entry, so that whoever looks for it needs one register for both.
    #[inline]
    pub(crate) fn mark(self) -> u64 {
        self.entry >> TICK_BITS
    }
}

/// The cells of one cache line.
#[repr(align(64))]
struct Line([AtomicU64; PROBES]);

pub(crate) struct Table([Line; CELLS / PROBES]);

impl Table {
    const fn new() -> Self {
        Self([const { Line([const { AtomicU64::new(0) }; PROBES]) }; CELLS / PROBES])
    }

    /// The cells that `mark` may use.
    #[inline]
    fn line(&self, mark: u64) -> &[AtomicU64] {
        self.0.get(mark as usize / PROBES % (CELLS / PROBES)).map_or(&[], |line| &line.0)
    }

    /// Whether a mark is taken.
    #[inline]
    pub(crate) fn is_taken(&self, sought: Sought) -> bool {
        // As one number: what is taken lies within this distance from the smallest. It reaches past the mark's own ticks, to those of
        // a number that ends in `10`: no mark does. From the largest mark it does not reach round to an empty cell.
        let is_taken = |found: u64| found.wrapping_sub(sought.entry) <= TICK_MASK;
        self.line(sought.mark()).iter().any(|cell| is_taken(cell.load(Ordering::Relaxed)))
    }

    /// Takes the cell of `mark` until `expires`; `false` if it was taken already.
    pub(crate) fn take(&self, mark: u64, expires: u32) -> bool {
        if self.is_taken(Sought::of(mark << TICK_BITS)) {
            return false;
        }
        let entry = mark << TICK_BITS | u64::from(expires) & TICK_MASK;
        if let Some((cell, found)) = self.find(mark) {
            return cell.compare_exchange(found, entry, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        }
        let cells = self.line(mark).iter().map(|cell| (cell, cell.load(Ordering::Relaxed)));
        if let Some((cell, found)) = cells.min_by_key(|(_, found)| found & TICK_MASK) {
            // Losing this race to another event costs that one a repeat, not this one its turn in the batch.
            let _ = cell.compare_exchange(found, entry, Ordering::Relaxed, Ordering::Relaxed);
        }
        true
    }

    /// The cell of `mark`, and what stands there.
    fn find(&self, mark: u64) -> Option<(&AtomicU64, u64)> {
        let cells = self.line(mark).iter().map(|cell| (cell, cell.load(Ordering::Relaxed)));
        cells.into_iter().find(|(_, found)| found >> TICK_BITS == mark)
    }

    /// Takes the cell of `mark` until `expires`, or replaces the time until which it is taken.
    pub(crate) fn set(&self, mark: u64, expires: u32) {
        // Whoever has written the file may have written anything.
        let mark = Sought::of(mark << TICK_BITS).mark();
        if !self.take(mark, expires) {
            self.replace(mark, mark << TICK_BITS | u64::from(expires) & TICK_MASK);
        }
    }

    /// Gives a cell back: its event was not recorded after all.
    pub(crate) fn release(&self, mark: u64) {
        self.replace(mark, mark << TICK_BITS);
    }

    fn replace(&self, mark: u64, entry: u64) {
        if let Some((cell, found)) = self.find(mark) {
            let _ = cell.compare_exchange(found, entry, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// Whether repeats of the event are held back.
#[inline]
pub(crate) fn holds_back(meta: &EventMeta) -> bool {
    !matches!(meta.throttle, Throttle::None)
}

/// The event's mark in the throttle; `None` for events that are recorded every time.
#[inline]
pub(crate) fn of(meta: &EventMeta, payload: Payload<'_>) -> Option<Sought> {
    let seed = meta.seed.load(Ordering::Relaxed);
    holds_back(meta).then(|| Sought::of(payload.fold(seed, mix)))
}

/// The tick at which the mark of an event that is recorded now expires.
pub(crate) fn until(meta: &EventMeta) -> u32 {
    match meta.throttle {
        Throttle::RollingHours(hours) => rolling_until(now(), hours),
        Throttle::Daily | Throttle::None => end_of_day(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_taken_once_until_it_expires() {
        let table = Table::new();
        let expires = now() + 24;
        assert!(table.take(5, expires));
        assert!(!table.take(5, expires));
        assert!(table.take(9, expires));
        table.release(5);
        assert!(table.take(5, expires));
        assert!(!table.take(5, expires));
        assert!(table.take(13, now()), "expired at once");
        assert!(table.take(13, expires));
    }

    #[test]
    fn what_is_taken_is_one_mark_and_no_empty_cell() {
        for hash in [0, 1 << 26, 7 << 26, u64::MAX - (1 << 26), u64::MAX] {
            let sought = Sought::of(hash);
            assert!(!Table::new().is_taken(sought), "{hash:x}");
            for expires in [now() + 1, now() + 24, TICK_MASK as u32] {
                let table = Table::new();
                assert!(table.take(sought.mark(), expires));
                let is_taken = |hash: u64| table.is_taken(Sought::of(hash));
                assert!(is_taken(hash), "{hash:x} {expires}");
                assert!(
                    ![hash ^ 1 << 26, hash.wrapping_add(1 << 26), hash.wrapping_sub(1 << 26)]
                        .map(is_taken)
                        .contains(&true),
                    "{hash:x} {expires}"
                );
            }
        }
    }

    #[test]
    fn a_mark_is_taken_until_the_time_that_was_set_last() {
        let table = Table::new();
        table.set(5, now() + 24);
        assert!(!table.take(5, now() + 1));
        table.set(5, now());
        assert!(table.take(5, now() + 1), "what was remembered counts, not what the caller assumed");
    }

    #[test]
    fn o28_a_rolling_throttle_is_never_early_and_at_most_a_quarter_of_an_hour_late() {
        // 1 hour, recorded at 10:59:58: nothing at 11:00:02 and at 11:59:57, something again by 12:14:58.
        let day = 20_000 * 24 * 3600;
        let tick = |hour: u32, minute: u32, second: u32| (day + hour * 3600 + minute * 60 + second) / (15 * 60);
        let expires = rolling_until(tick(10, 59, 58), 1);
        assert!(tick(11, 0, 2) < expires && tick(11, 59, 57) < expires && tick(12, 14, 58) >= expires);
        for recorded in (0..3600).step_by(7) {
            for hours in [1, 24, 720] {
                let over = rolling_until(tick(0, 0, recorded), hours) * 15 * 60;
                let due = day + recorded + hours * 3600;
                assert!((due..=due + 15 * 60).contains(&over), "{recorded} s, {hours} h");
            }
        }
    }

    #[test]
    fn a_full_neighbourhood_forgets_its_oldest() {
        let table = Table::new();
        let now = now();
        for number in 0..PROBES as u64 {
            assert!(table.take(1 + number * CELLS as u64, now + 10 + number as u32));
        }
        assert!(table.take(1 + 99 * CELLS as u64, now + 50));
        assert!(!table.take(1 + CELLS as u64, now + 50), "the younger ones stay");
        assert!(table.take(1, now + 50), "the oldest was forgotten");
    }

    #[test]
    fn hashes_spread() {
        let marks: std::collections::HashSet<_> =
            (0..100_000).map(|number| Sought::of(mix(1, number)).mark()).collect();
        assert!(marks.len() > 99_990, "{}", marks.len());
    }
}
