//! The clocks of the machine.

#[cfg(feature = "testing")]
use std::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use std::time::Instant;

/// How far tests have moved the clocks.
#[cfg(feature = "testing")]
pub(crate) mod moved {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    /// Milliseconds from the machine's wall clock to ours.
    static WALL_MS: AtomicI64 = AtomicI64::new(0);
    /// Milliseconds from the machine's monotonic clock to ours, which never goes back.
    static MONOTONIC_MS: AtomicU64 = AtomicU64::new(0);

    pub(crate) fn wall_ms() -> i64 {
        WALL_MS.load(Ordering::SeqCst)
    }

    pub(crate) fn set_wall_ms(ms: i64) {
        WALL_MS.store(ms, Ordering::SeqCst);
    }

    pub(crate) fn monotonic_ms() -> u64 {
        MONOTONIC_MS.load(Ordering::SeqCst)
    }

    pub(crate) fn advance(ms: u64) {
        WALL_MS.fetch_add(i64::try_from(ms).unwrap_or(i64::MAX), Ordering::SeqCst);
        MONOTONIC_MS.fetch_add(ms, Ordering::SeqCst);
    }
}

/// The wall clock.
pub(crate) fn wall() -> SystemTime {
    let now = SystemTime::now();
    #[cfg(feature = "testing")]
    let now = {
        let ms = moved::wall_ms();
        let by = Duration::from_millis(ms.unsigned_abs());
        (if ms < 0 { now.checked_sub(by) } else { now.checked_add(by) }).unwrap_or(now)
    };
    now
}

/// The monotonic clock, for waits between attempts, for pauses, and for how often a file is looked at.
pub(crate) fn instant() -> Instant {
    let now = Instant::now();
    #[cfg(feature = "testing")]
    let now = now.checked_add(Duration::from_millis(moved::monotonic_ms())).unwrap_or(now);
    now
}

/// Milliseconds since 1970-01-01, UTC; 0 for a clock before that.
pub(crate) fn now_ms() -> u64 {
    let since = wall().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The monotonic clock of the machine, whatever tests have moved: how long something took.
pub(crate) fn now() -> Instant {
    Instant::now()
}
