//! The clocks of a page. `Instant` and `SystemTime` of the standard library panic there.

use std::{ops::Add, time::Duration};

use crate::base::page;

/// A moment by `performance.now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// The monotonic clock, for waits between attempts and for pauses.
pub(crate) fn instant() -> Instant {
    Instant(milliseconds(page::performance_now()))
}

/// Milliseconds since 1970-01-01, UTC; 0 for a clock before that.
pub(crate) fn now_ms() -> u64 {
    // `as` saturates.
    page::date_now() as u64
}

/// The same: nobody moves the clocks of a page.
pub(crate) fn now() -> Instant {
    instant()
}

fn milliseconds(ms: f64) -> Duration {
    Duration::from_micros((ms * 1000.0) as u64)
}
