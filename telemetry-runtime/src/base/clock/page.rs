//! The clocks of a page. `Instant` and `SystemTime` of the standard library panic there.

use std::{ops::Add, time::Duration};

use crate::base::page;

/// A moment by `performance.now`, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(u64);

impl Instant {
    pub(crate) fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(microseconds(duration)).map(Self)
    }

    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(microseconds(duration)))
    }
}

/// No time of ours is longer than years.
fn microseconds(duration: Duration) -> u64 {
    duration.as_secs().wrapping_mul(1_000_000).wrapping_add(duration.subsec_micros().into())
}

/// The monotonic clock, for waits between attempts and for pauses.
pub(crate) fn instant() -> Instant {
    // `as` saturates.
    Instant((page::performance_now() * 1_000.0) as u64)
}

/// Milliseconds since 1970-01-01, UTC; 0 for a clock before that.
pub(crate) fn now_ms() -> u64 {
    page::date_now() as u64
}

/// The same: nobody moves the clocks of a page.
pub(crate) fn now() -> Instant {
    instant()
}
