//! Time as the runtime of this process sees it.

use std::time::{Duration, SystemTime};

use crate::{base::clock, pipeline};

/// The clocks of the runtime in this process: a test moves them, and need not wait.
///
/// Everything that the runtime dates or waits for follows them: the hour of an event, its age on disk, the throttle, the
/// day's sample, pauses after a failure, the time that an event waits for more events. What protects a thread of the program
/// does not: the timeout of [`flush`](crate::flush), of a request, of a lock. Other processes have clocks of their own;
/// a program that a test starts takes the time from its arguments, say, and sets it first of all.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use telemetry_runtime::testing::Clock;
///
/// let spring = UNIX_EPOCH + Duration::from_secs(1_900_000_000);
/// Clock::set(spring);
/// Clock::advance(Duration::from_secs(24 * 60 * 60));
/// assert!(Clock::now() >= spring + Duration::from_secs(24 * 60 * 60));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Clock;

impl Clock {
    /// The wall clock of the runtime.
    pub fn now() -> SystemTime {
        clock::wall()
    }

    /// Sets the wall clock, forwards or back, as a user may at any time. Waits follow another clock and go on as they were.
    pub fn set(time: SystemTime) {
        let machine = SystemTime::now();
        // The clock is moved by whole milliseconds, and never says less than it was set to.
        let ms = |by: Duration| i64::try_from(by.as_millis()).unwrap_or(i64::MAX - 1);
        clock::moved::set_wall_ms(match time.duration_since(machine) {
            Ok(ahead) => ms(ahead) + 1,
            Err(behind) => -ms(behind.duration()),
        });
        pipeline::threads::clock_moved();
    }

    /// Lets time pass: the wall clock and the clock of all waits go on by `by`. What falls due is done by the runtime's
    /// threads, as ever: a test that asks for it calls [`flush`](crate::flush) or waits for its server.
    pub fn advance(by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        clock::moved::advance(ms);
        pipeline::threads::clock_moved();
    }
}
