//! The limits of the runtime, in the units in which pages and schemas tell them.
//!
//! The numbers are [`telemetry_schema::limits`], which gives unit, reason and source of each, and the spool's.

use std::time::Duration;

use telemetry_schema::limits;

/// The version of the runtime whose numbers these are; all crates of the workspace have one version.
pub const RUNTIME_VERSION: &str = env!("CARGO_PKG_VERSION");

const KIB: u64 = 1024;

/// How often `unit` goes into `all`. What a page tells is no rounded number: a rest stops the compiler.
const fn whole(all: u64, unit: u64) -> u64 {
    assert!(all.is_multiple_of(unit), "a limit that pages tell is no whole number of their unit");
    all / unit
}

const fn seconds(duration: Duration) -> u64 {
    assert!(duration.subsec_nanos() == 0, "a limit that pages tell is no whole number of seconds");
    duration.as_secs()
}

/// Events of one batch.
pub const BATCH_EVENTS: u64 = limits::BATCH_EVENTS as u64;
/// The same in the strict format.
pub const STRICT_BATCH_EVENTS: u64 = limits::STRICT_BATCH_EVENTS as u64;
/// KiB of one batch's body.
pub const BATCH_KIB: u64 = whole(limits::BATCH_BYTES as u64, KIB);
/// KiB of one event.
pub const EVENT_KIB: u64 = whole(limits::EVENT_BYTES as u64, KIB);
/// KiB of one event that travels in the address.
pub const BEACON_KIB: u64 = whole(limits::BEACON_BYTES as u64, KIB);
/// Days that an event waits where it carries an id and a time.
pub const KEPT_DAYS: u64 = limits::KEPT_DAYS as u64;
/// Days that an event waits on a wire without time.
pub const KEPT_DAYS_WITHOUT_TIME: u64 = limits::KEPT_DAYS_WITHOUT_TIME as u64;
/// MiB of all events that wait.
pub const SPOOL_MIB: u64 = whole(telemetry_spool::limits::SPOOL_BYTES, KIB * KIB);
/// Seconds that new events wait for more events.
pub const BATCH_LINGER_SECONDS: u64 = seconds(limits::BATCH_LINGER);
/// Minutes in which programs that have just begun make one upload, all together.
pub const UPLOAD_MINUTES: u64 = whole(seconds(limits::UPLOAD_INTERVAL), 60);
/// Seconds without another attempt after the first failure.
pub const PAUSE_SECONDS: u64 = seconds(limits::BREAKER_FIRST);
/// Hours that such a pause grows to.
pub const PAUSE_HOURS: u64 = whole(seconds(limits::BREAKER_LONGEST), 60 * 60);
/// KiB of the log of what was sent.
pub const SENT_LOG_KIB: u64 = whole(limits::SENT_LOG_BYTES, KIB);
