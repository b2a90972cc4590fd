//! The limits of the runtime that pages and schemas tell of.
//!
//! The runtime's `base/limits.rs` gives unit, reason and source of each; a test compares the numbers.

/// The version of the runtime whose numbers these are; all crates of the workspace have one version.
pub const RUNTIME_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Events of one batch.
pub const BATCH_EVENTS: u64 = 500;
/// The same in the strict format.
pub const STRICT_BATCH_EVENTS: u64 = 100;
/// KiB of one batch's body.
pub const BATCH_KIB: u64 = 256;
/// KiB of one event.
pub const EVENT_KIB: u64 = 32;
/// KiB of one event that travels in the address.
pub const BEACON_KIB: u64 = 5;
/// Days that an event waits where it carries an id and a time.
pub const KEPT_DAYS: u64 = 14;
/// Days that an event waits on a wire without time.
pub const KEPT_DAYS_WITHOUT_TIME: u64 = 2;
/// MiB of all events that wait.
pub const SPOOL_MIB: u64 = 3;
/// Seconds that new events wait for more events.
pub const BATCH_LINGER_SECONDS: u64 = 5;
/// Minutes in which programs that have just begun make one upload, all together.
pub const UPLOAD_MINUTES: u64 = 10;
/// Seconds without another attempt after the first failure.
pub const PAUSE_SECONDS: u64 = 60;
/// Hours that such a pause grows to.
pub const PAUSE_HOURS: u64 = 24;
/// KiB of the log of what was sent.
pub const SENT_LOG_KIB: u64 = 512;
