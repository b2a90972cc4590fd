//! The limits of delivery that pages, notices and schemas tell: the runtime keeps them, and `cargo telemetry` writes them.
//!
//! "Catalogue" is the comparison of telemetry clients that these numbers were taken from; the names in brackets are the clients
//! whose practice a number follows. Limits that no page tells are the runtime's own.

use std::time::Duration;

/// Bytes of one event as it is sent; larger ones are dropped and counted. (Segment: 32 kB.)
pub const EVENT_BYTES: usize = 32 * 1024;

/// Bytes of one event on a wire that carries it in the address: Base64 makes 6.7 KiB of it, and common servers take
/// request lines of up to 8 KiB.
pub const BEACON_BYTES: usize = 5 * 1024;

/// Days that an event waits where it carries an id and a time. (Firefox: 14 days.)
pub const KEPT_DAYS: u32 = 14;

/// Days that an event waits on a wire without time: 48 hours, because the server can date it by a header only and
/// remembers batch keys for a while only.
pub const KEPT_DAYS_WITHOUT_TIME: u32 = 2;

/// Events of one batch, in the format of our own: what a collector of ours takes. A request, its plan and the flush of that to
/// the disk cost as much as a hundred events do. (OpenTelemetry: 512.)
pub const BATCH_EVENTS: usize = 1000;

/// The same in the strict format: its servers were written for clients that send few. (PostHog, Segment.)
pub const STRICT_BATCH_EVENTS: usize = 100;

/// Bytes of one batch's body. (Half of Segment's 500 kB: small enough for any proxy.)
pub const BATCH_BYTES: usize = 256 * 1024;

/// How long the sender waits for more events before it closes a batch. A backlog is sent at once. (PostHog, Segment.)
pub const BATCH_LINGER: Duration = Duration::from_secs(5);

/// How long no process tries after the first failure; each further one doubles it. (Firefox: 1 min.)
pub const BREAKER_FIRST: Duration = Duration::from_secs(60);

/// The longest such pause. (Firefox: 2 h; a browser runs all day.)
pub const BREAKER_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Programs that have just begun make one upload in this time, all together. (Go: one in 24 h.)
pub const UPLOAD_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// Bytes of `sent.log`; a full one becomes `sent.log.1`, which may be as large. Twice the largest request
/// ([`BATCH_BYTES`]), so that every event of it stands there in full.
pub const SENT_LOG_BYTES: u64 = 512 * 1024;

/// Days for which one id of `identity: Rotating(days)` is used at most: the longest quarter but two days. What lasts longer follows a
/// person through the year. (Plausible and Aptabase: a day; Firefox: for good.)
pub const IDENTITY_DAYS: u16 = 90;

/// Days for which a request for deletion that could not be made is kept, where the user asks for that. (The month in which the
/// GDPR lets a vendor answer.)
pub const DELETION_KEPT_DAYS: u32 = 30;
