//! Every limit of the pipeline, each with its unit, the reason and where the number comes from.
//!
//! "Catalogue" is the comparison of telemetry clients that these numbers were taken from; the names in brackets are the
//! clients whose practice a number follows.

use std::time::Duration;

use telemetry_schema::Wire;
// What pages tell stands where their tools find it too.
#[cfg(native)]
pub(crate) use telemetry_schema::limits::{BATCH_BYTES, SENT_LOG_BYTES};
pub(crate) use telemetry_schema::limits::{
    BATCH_EVENTS, BATCH_LINGER, BEACON_BYTES, BREAKER_FIRST, BREAKER_LONGEST, EVENT_BYTES, KEPT_DAYS,
    KEPT_DAYS_WITHOUT_TIME, STRICT_BATCH_EVENTS, UPLOAD_INTERVAL,
};

// ---- Memory -----------------------------------------------------------------------------------------------------

/// Bytes of the queue, for all SDKs of a program: 349,000 events of three fields, or 13,000 of 64 numbers. Memory is in use only as
/// far as the queue was filled, and is given back when no events come. What finds no room is counted. Miri, which takes a
/// second for what takes a microsecond, gets a smaller one; so does a page, whose memory is all in use from the beginning and whose
/// queue is emptied between two tasks.
pub(crate) const QUEUE_BYTES: usize = if cfg!(miri) {
    16 * 1024
} else if cfg!(in_page) {
    128 * 1024
} else {
    8 * 1024 * 1024
};

/// Bytes of one block of the queue: what a thread takes at a time, and more than one event may have. The payload of an event of
/// [`EVENT_BYTES`] is shorter than its JSON, unless it is made of numbers that may be large and are not.
pub(crate) const QUEUE_BLOCK_BYTES: usize = if cfg!(miri) { 1024 } else { 64 * 1024 };

/// Rows of events in the queue, each in its order. A thread keeps to one; from the seventeenth on, threads share them. Machines
/// on which more than sixteen threads record at one moment lose some speed. A page has one thread.
pub(crate) const QUEUE_SHARDS: usize = if cfg!(miri) {
    4
} else if cfg!(in_page) {
    1
} else {
    16
};

/// Configurations of one SDK that events in the queue may have been recorded under: instance key, wrapper, host's rate and
/// actor. Under one more, until the queue has moved on, events are refused as if the queue were full: some 20 ms. Hosts have one
/// or two; a server that sets its tenant's key before each request has as many as it has tenants in that time.
pub(crate) const CONFIGURATIONS: usize = 64;

// ---- One event --------------------------------------------------------------------------------------------------

/// The most bytes one event may have on `wire`.
pub(crate) const fn event_bytes(wire: Wire) -> usize {
    if wire.carries().is_in_address() { BEACON_BYTES } else { EVENT_BYTES }
}

// ---- Policies ---------------------------------------------------------------------------------------------------

/// Bytes of a policy file; a longer one cannot be used. Room for a thousand SDKs.
pub(crate) const POLICY_BYTES: u64 = 64 * 1024;

/// Folders in which a project file is sought, from the working directory upwards. Deeper trees are rare, and each level is a
/// question to the disk.
pub(crate) const PROJECT_LEVELS: usize = 16;

// ---- Spool ------------------------------------------------------------------------------------------------------

/// Bytes of the segments of all host programs of one SDK together, oldest out first: two spools of full size. An SDK that is
/// a part of many programs must not fill a disk; twenty programs had 60 MiB.
pub(crate) const SDK_SPOOL_BYTES: u64 = 8 * 1024 * 1024;

/// Bytes of events after which the worker writes what it has taken from the queue, with one `write`; between two of them
/// callers of commands have their turn. Six of them fill a segment of the spool.
pub(crate) const WRITE_BYTES: usize = 84 * 1024;

/// Bytes that must be free on the file system before a segment is begun: the host needs the last ones more than we do.
pub(crate) const FREE_BYTES: u64 = 64 * 1024 * 1024;

/// The days that an event waits on `wire`.
pub(crate) const fn kept_days(wire: Wire) -> u32 {
    if wire.has_ids() { KEPT_DAYS } else { KEPT_DAYS_WITHOUT_TIME }
}

/// Hours after which a temporary file of a process that died is removed. No writer needs a minute.
pub(crate) const TEMPORARY_HOURS: u64 = 1;

// ---- Pages ------------------------------------------------------------------------------------------------------

/// Bytes of what the users of one SDK were told in a page, without the latest telling, which is kept whatever its length: 1,100 events.
/// Browsers give an origin 5 MiB.
#[cfg(in_page)]
pub(crate) const PAGE_TOLD_BYTES: usize = 64 * 1024;

/// Bytes of all events of one SDK that wait in the pages of one origin, the oldest out first. Browsers give an origin 5 MiB, and most
/// of that is the host's.
#[cfg(in_page)]
pub(crate) const PAGE_SPOOL_BYTES: usize = 128 * 1024;

/// Bytes of them that a page has room for whatever others have, and up to which it does not look.
#[cfg(in_page)]
pub(crate) const PAGE_SPOOL_SHARE: usize = 4 * 1024;

/// Bytes of the events of one request of a page. Browsers take 64 KiB of requests that may outlive their page, all together.
#[cfg(in_page)]
pub(crate) const PAGE_BATCH_BYTES: usize = 60 * 1024;

/// Hours after which another page takes over what a page has not changed that never said that it goes.
#[cfg(in_page)]
pub(crate) const PAGE_ABANDONED_HOURS: u32 = 24;

/// How long a page waits after it has said that it takes over: twice the time in which each page sees what another one has stored.
#[cfg(in_page)]
pub(crate) const PAGE_SEES: Duration = Duration::from_secs(1);

/// Time for one request of a page: a slow network is no reason to send it twice.
#[cfg(in_page)]
pub(crate) const PAGE_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a page that is busy may keep an event in memory before it is written.
#[cfg(in_page)]
pub(crate) const PAGE_IDLE: Duration = Duration::from_millis(500);

// ---- Batches ----------------------------------------------------------------------------------------------------

/// The events one batch may hold on `wire`: the two formats that send a bare payload have room for one.
pub(crate) const fn batch_events(wire: Wire) -> usize {
    match (wire.is_list(), wire.has_ids()) {
        (true, true) => BATCH_EVENTS,
        (true, false) => STRICT_BATCH_EVENTS,
        (false, _) => 1,
    }
}

// ---- Delivery ---------------------------------------------------------------------------------------------------

/// Threads that send, one for each SDK that has something to send; from the seventeenth SDK of a program on, they share
/// them. A program with more than a handful is not known to us.
pub(crate) const SENDERS: usize = 16;

/// Attempts of one batch in a row; after that the others go first, and it is tried again when they are through, or when
/// [`ATTEMPTS_RENEWED`] has passed. One batch that a server chokes on must not hold up the rest. (Glean: 3.)
pub(crate) const ATTEMPTS: u8 = 3;

/// How long a batch rests that has used its [`ATTEMPTS`] while others were taken.
pub(crate) const ATTEMPTS_RENEWED: Duration = Duration::from_secs(60 * 60);

/// Requests of one upload in which the server refuses some, so that one that refuses all costs no more. The rest waits.
pub(crate) const REQUESTS: u32 = 16;

/// Events of one upload that a server refuses for good; the rest waits. As many as [`REQUESTS`] of the strict format hold, so that
/// no server that is broken for a while empties a spool.
pub(crate) const REFUSED_EVENTS: u64 = 1_600;

/// How long no request is larger than what a server that answered 413 may take. After that it is tried again: servers and
/// the proxies before them change.
pub(crate) const FITS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Endpoints of one SDK that are remembered in `breaker.json` and, with the version that asked, in `memory.json`: versions
/// of an SDK that moved, on one machine. More than one is rare.
pub(crate) const ENDPOINTS: usize = 8;

/// How many failures a refused connection or a name that leads nowhere counts for: somebody blocks us on purpose, or
/// nobody is there, and another attempt shows in their log. The pauses are 8 min, 2 h and [`BLOCKED_LONGEST`].
pub(crate) const BLOCKED_COUNTS: u32 = 4;

/// The longest pause after such a failure: a server that is turned off at night refuses connections, too, and has an attempt
/// in its day all the same; a blocker's log shows four a day. (Firefox: 2 h for any failure; a browser runs all day.)
pub(crate) const BLOCKED_LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// Every pause is spread by this share to both sides, so that clients that failed together do not come back together.
/// (go-checkpoint: 0.75 to 1.25.)
pub(crate) const SPREAD: f64 = 0.25;

/// The longest `Retry-After` that is believed at all: no server silences a client for more than a day by mistake.
pub(crate) const RETRY_AFTER_BELIEVED: Duration = Duration::from_secs(24 * 60 * 60);

/// The shortest pause that a `Retry-After` can ask for, and after [`ATTEMPTS`] failures it can only lengthen our own.
pub(crate) const RETRY_AFTER_SHORTEST: Duration = Duration::from_secs(1);

/// A time on disk that lies further ahead than any pause can is void: the clock was set back since it was written.
pub(crate) const PAUSE_BELIEVED: Duration = Duration::from_secs(30 * 60 * 60);

/// A program this old can see an upload through, however slowly the server answers.
pub(crate) const OLD_ENOUGH: Duration = Duration::from_secs(10);

/// Uploads that one process begins in [`UPLOADS_WINDOW`], unless a quarter of its spool is in use. (Catalogue; Glean: 15 requests.)
pub(crate) const UPLOADS: usize = 4;

/// See [`UPLOADS`].
pub(crate) const UPLOADS_WINDOW: Duration = Duration::from_secs(60);

/// How often the end of a program may wait for a delivery, or start a process for it. (Go's token: 24 h.)
pub(crate) const EXIT_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Time to connect, names and TLS included. (Relay: 3 s.)
#[cfg(has_transport)]
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for one request as a whole. (Relay: 5 s.)
#[cfg(has_transport)]
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a response's body that are read, so that the connection can be used again; the rest is not wanted.
#[cfg(any(has_transport, in_page))]
pub(crate) const RESPONSE_BYTES: usize = 64 * 1024;

/// Header fields of a response, and of its trailer. Answers of real servers have up to thirty.
#[cfg(has_transport)]
pub(crate) const RESPONSE_HEADERS: usize = 64;

/// Bytes of status line and headers that the client by ureq takes; they lie in its buffer. (Node: 16 KiB.)
#[cfg(by_ureq)]
pub(crate) const RESPONSE_HEAD_BYTES: usize = 64 * 1024;

/// Bytes that the client by ureq takes of one answer in all, TLS and what precedes the answer included.
#[cfg(by_ureq)]
pub(crate) const RESPONSE_ALL_BYTES: usize = 1024 * 1024;

/// Bytes of what a proxy answers before the connection leads on.
#[cfg(by_ureq)]
pub(crate) const PROXY_BYTES: usize = 16 * 1024;

/// Time for which a connection may be idle within an upload and is still used for the next request. Servers close idle
/// connections after a second at the earliest (Node: 5 s, AWS: 60 s, nginx: 75 s); between two requests of an upload lie
/// milliseconds, unless the disk stalls.
#[cfg(has_transport)]
pub(crate) const REUSE_IDLE: Duration = Duration::from_millis(250);

/// Time for which a connection is watched before its second request, until the server has kept one: a server that closes after
/// every answer, and does not say so in a header, has done it by then, on a busy machine too.
#[cfg(has_transport)]
pub(crate) const REUSE_WATCH: Duration = Duration::from_millis(100);

/// How often it is looked at meanwhile.
#[cfg(has_transport)]
pub(crate) const REUSE_WATCH_POLL: Duration = Duration::from_millis(5);

/// Threads of one client that look names up, and with ureq connect; a further lookup fails and is tried later. They cannot be interrupted; the system's resolver takes up to half a minute.
#[cfg(has_transport)]
pub(crate) const LOOKUPS: usize = 2;

/// How often a request in flight looks whether it has been cancelled: well within the second that a veto may take.
#[cfg(has_transport)]
pub(crate) const CANCEL_POLL: Duration = Duration::from_millis(50);

// ---- The end of a program ----------------------------------------------------------------------------------------

/// How long the end of a program with a guard waits for the worker to put on disk what is queued: what is promised for it
/// anyway.
pub(crate) const EXIT_APPEND: Duration = Duration::from_millis(50);

/// How long the end of a program with a guard waits for a batch that is being ended, and for the files in which its ledger is
/// written down: both are a few file operations.
pub(crate) const EXIT_SAVE: Duration = Duration::from_millis(10);

/// How long no batch ends after that. A program that ends is gone long before; one that goes on loses a second.
pub(crate) const EXIT_HOLD: Duration = Duration::from_secs(1);

/// How often it looks.
pub(crate) const APPEND_POLL: Duration = Duration::from_millis(1);

/// How long a process that delivers after the end of another waits for that end. (It has begun when the process starts.)
pub(crate) const PARENT_WAIT: Duration = Duration::from_secs(1);

/// How long it tries to deliver.
pub(crate) const DETACHED_FLUSH: Duration = Duration::from_secs(3);

/// How long it waits before it looks again for what others held.
pub(crate) const DETACHED_PAUSE: Duration = Duration::from_millis(100);

/// When it ends, whatever it is doing: with the wait and the time above, a second is left to start and to end.
pub(crate) const DETACHED_LIFE: Duration = Duration::from_secs(5);

// ---- Small files ------------------------------------------------------------------------------------------------

/// Bytes of `told`: some 16,000 versions of events with five fields each. Over it the oldest telling is forgotten and asked
/// again; nothing is turned off.
pub(crate) const TOLD_BYTES: u64 = 2 * 1024 * 1024;

/// Sets of events that are too many for `told`, kept by the digest of the whole: so many versions of such a program in turn ask
/// once each.
pub(crate) const TOLD_SETS: usize = 64;

/// Days on which an installation was counted that are remembered in `memory.json`: those of a month and of the weeks that reach
/// into it are at most 43, and the others are there for days of a clock that was wrong.
pub(crate) const ACTIVE_DAYS: usize = 64;

/// Versions with which an installation was counted that are remembered in `memory.json`: several years of monthly releases. Whoever goes back
/// to an older one is counted for it again.
pub(crate) const ACTIVE_VERSIONS: usize = 48;

/// Ids of the installation that are remembered in `installation`, so that what came with them can be deleted: those of more than a year,
/// one a day. What came with an older one cannot be asked for.
pub(crate) const USED_IDS: usize = 400;

/// Throttled events that are remembered over restarts; the table in memory has as many cells.
pub(crate) const MEMORY_ENTRIES: usize = 4_096;

/// Bytes of the counts of days that are not over in `memory.json`, for all programs and destinations of an SDK: some 120 different
/// payloads of counters. With the rest of the file they stay below what a small file may have. What finds no room is counted as
/// `queue_full`.
pub(crate) const COUNT_BYTES: usize = 48 * 1024;

/// How long after the end of a day its counts become events: a process that has counted something before midnight has
/// written it down by then ([`MEMORY_SAVE`]), unless its disk stalls.
pub(crate) const COUNT_GRACE: Duration = Duration::from_secs(10);

/// The most hours of a rolling throttle, as `telemetry-macros` lets authors write them.
pub(crate) const ROLLING_HOURS: u32 = 720;

/// The largest number that one `telemetry_health` tells of one kind of loss; the rest is told the next day. The record of
/// the event says the same: `telemetry-macros/src/expand/health.rs`.
pub(crate) const HEALTH_MOST: u64 = 1_000_000;

// ---- The notice ---------------------------------------------------------------------------------------------------

/// How soon a terminal is looked at again after a notice could not be shown on it; each further pause is twice as long.
pub(crate) const NOTICE_FIRST: Duration = Duration::from_millis(250);

/// The longest such pause: a look is three system calls.
pub(crate) const NOTICE_LONGEST: Duration = Duration::from_secs(60);

/// The longest such pause after a further event: a program that is used may just have left its full screen.
pub(crate) const NOTICE_AFTER_EVENT: Duration = Duration::from_secs(1);

// ---- Worker -----------------------------------------------------------------------------------------------------

/// The worker's pause while events come: with the time to append, well within the promised 50 ms, and no caller has to
/// wake it with a system call.
pub(crate) const WORKER_NAP: Duration = Duration::from_millis(20);

/// How long events stay in the queue because the spool is full, while nothing of it is sent; after that the oldest in it go. As
/// long as a server takes events, the queue holds more of a burst than the spool. A slow server answers within it.
pub(crate) const ROOM_WAIT: Duration = Duration::from_secs(1);

/// Without an event for this long the worker sleeps until somebody wakes it.
pub(crate) const WORKER_QUIET: Duration = Duration::from_secs(1);

/// Where the system had no thread to give, it is asked again after this long: limits on threads come and go.
pub(crate) const START_AGAIN: Duration = Duration::from_secs(1);

/// How often `shutdown` looks whether our threads have ended; they announce it, so this is for a lost race only.
pub(crate) const END_POLL: Duration = Duration::from_millis(20);

/// How often a process looks whether another one has stored a decision: an opt-out holds everywhere within a second.
pub(crate) const CONSENT_READ: Duration = Duration::from_millis(500);

/// How long `erase` removes what programs that run go on writing: until they look at the decision, which is every
/// [`CONSENT_READ`], and a second for what they have under way.
pub(crate) const ERASE_PATIENCE: Duration = Duration::from_millis(1_500);

/// The pause between two of its looks; a person waits for the answer.
pub(crate) const ERASE_PAUSE: Duration = Duration::from_millis(50);

/// The memory of throttle and sample roll is written at most this often; a crash costs repeats of what it held.
pub(crate) const MEMORY_SAVE: Duration = Duration::from_secs(1);

/// How often a host that follows the user's decision is told whether it has changed: it holds within a second, and a switch that
/// moves later looks broken.
pub(crate) const CONSENT_WATCH: Duration = Duration::from_millis(500);

/// The ledger is written down at most this often: what a process that is killed takes with it, of both sides of both
/// sums.
pub(crate) const LEDGER_SAVE: Duration = Duration::from_secs(1);

/// Rows of the ledger that short programs may leave to each other before one of them adds them up on its caller's thread.
pub(crate) const LEDGER_ROWS: usize = 64;

/// With a notice shown in the same run nothing is sent before this has passed: time to read and to opt out.
pub(crate) const SAME_RUN_HOLD: Duration = Duration::from_secs(10);

/// How long a thread that records a command waits for its turn to append. Others hold the writer for one write at a time, on a
/// disk that may stall for a second (a laptop that wakes, a home in a network); whoever holds it longer will never give it
/// back.
pub(crate) const CALLER_WAIT: Duration = Duration::from_secs(2);

/// How long `status` waits for what the writer knows before it does without.
pub(crate) const STATUS_WAIT: Duration = Duration::from_millis(500);
