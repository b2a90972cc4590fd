//! The worker: one thread per process for all SDKs, started by the first accepted event.
//!
//! It empties the queue into the spools within 50 ms, keeps the coarse clock, and tells the sender when there is
//! something to send. Nobody joins it; when `main` returns it is gone, and what it had appended is on disk. While events
//! come it looks at the queue every 20 ms, so a caller makes no system call; after a quiet second it sleeps, and the next
//! event wakes it with one.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use super::{
    QUEUE, clock, events, lane,
    limits::{APPEND_POLL, WORKER_NAP, WORKER_QUIET, WORKER_SLEEP},
    sender, throttle,
};
use crate::{
    activity::{self, Effect},
    gate,
    ledger::Outcome,
    sdk::{Mode, Sdk},
    veto::all_sdks,
};

const NONE: u8 = 0;
const AWAKE: u8 = 1;
const ASLEEP: u8 = 2;
const FAILED: u8 = 3;

/// Tells a reader of the binary that the queue and its worker are linked.
static MARKER: [u8; 13] = *b"\x7fTLM-queue-1\n";

static STATE: AtomicU8 = AtomicU8::new(NONE);
static THREAD: OnceLock<Thread> = OnceLock::new();
static FLUSHES: Flushes =
    Flushes { tickets: Mutex::new(Tickets { wanted: 0, appended: 0, sent: 0 }), changed: Condvar::new() };

/// Tells the worker that the queue is not empty. One load while it is awake.
#[inline]
pub(crate) fn wake() {
    // `SeqCst`, as the queue's position: either this sees that the worker sleeps, or the worker, which looks at the
    // queue after saying so, sees the event.
    if STATE.load(Ordering::SeqCst) != AWAKE {
        wake_slowly();
    }
}

#[cold]
fn wake_slowly() {
    if STATE.compare_exchange(NONE, AWAKE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        activity::note(Effect::Threads);
        if thread::Builder::new().name("telemetry".to_owned()).spawn(run).is_err() {
            // Without a worker the queue fills and refuses: every event is counted, the host notices nothing.
            STATE.store(FAILED, Ordering::SeqCst);
        }
    } else if STATE.compare_exchange(ASLEEP, AWAKE, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        && let Some(thread) = THREAD.get()
    {
        thread.unpark();
    }
}

/// Whether a thread could be started, or has not been needed.
pub(crate) fn has_failed() -> bool {
    STATE.load(Ordering::SeqCst) == FAILED
}

struct Flushes {
    tickets: Mutex<Tickets>,
    changed: Condvar,
}

/// How many flushes were asked for, and how far the worker and the sender have come.
struct Tickets {
    wanted: u64,
    appended: u64,
    sent: u64,
}

impl Flushes {
    fn lock(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends and offers to the server everything that was recorded so far; waits at most `timeout`. Returns whether both
/// came to an end in time.
pub(crate) fn flush(timeout: Duration) -> bool {
    let deadline = Instant::now().checked_add(timeout);
    let ticket = {
        let mut tickets = FLUSHES.lock();
        tickets.wanted += 1;
        tickets.wanted
    };
    wake();
    if let Some(thread) = THREAD.get() {
        thread.unpark(); // It may nap; the caller waits for it.
    }
    let mut tickets = FLUSHES.lock();
    while tickets.sent < ticket {
        if has_failed() {
            return false;
        }
        let left = deadline.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return false;
        }
        tickets = FLUSHES.changed.wait_timeout(tickets, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    true
}

/// Gives the worker until `deadline` to put on disk what is queued.
pub(crate) fn append_all(deadline: Instant) {
    while !QUEUE.is_empty() && !has_failed() && Instant::now() < deadline {
        wake();
        if let Some(thread) = THREAD.get() {
            thread.unpark(); // It may nap; the caller waits for it.
        }
        thread::sleep(APPEND_POLL);
    }
}

/// The sender has offered everything that was appended before `ticket` was handed to it.
pub(crate) fn flushed(ticket: u64) {
    FLUSHES.lock().sent = ticket;
    FLUSHES.changed.notify_all();
}

/// Throws away what is queued for one SDK at this moment, whatever is set later.
pub(crate) fn discard_queued(sdk: Sdk) {
    sdk.state.discarded_to.store(QUEUE.end(), Ordering::SeqCst);
    // The worker counts it when it next looks; it only has to look soon.
    if STATE.load(Ordering::SeqCst) != NONE {
        wake();
    }
}

/// Says, when the thread ends for whatever reason, that nobody empties the queue any more.
struct EndOfWorker;

impl Drop for EndOfWorker {
    fn drop(&mut self) {
        STATE.store(FAILED, Ordering::SeqCst);
        // Under the lock, so that a flush between its look and its wait hears it.
        let _tickets = FLUSHES.lock();
        FLUSHES.changed.notify_all();
    }
}

fn run() {
    let _end = EndOfWorker;
    std::hint::black_box(&MARKER);
    let _ = THREAD.set(thread::current());
    let mut last_event = Instant::now();
    let mut today = 0;
    loop {
        throttle::set_now(clock::now_hours());
        if today != clock::today() {
            today = clock::today();
            events::expire(today);
            lane::begin_day(today);
        }
        if drain() {
            last_event = Instant::now();
        }
        let wanted = {
            let mut tickets = FLUSHES.lock();
            let new = (tickets.wanted > tickets.appended).then_some(tickets.wanted);
            tickets.appended = tickets.wanted;
            new
        };
        if wanted.is_some() {
            open_all();
        }
        let next_seal = lane::seal_due(wanted.is_some());
        sender::notify(wanted);
        sleep(last_event, next_seal);
    }
}

/// Moves everything from the queue to the lanes; says whether there was anything.
fn drain() -> bool {
    let mut any = false;
    while let Some(queued) = QUEUE.pop() {
        any = true;
        let Some((meta, descriptor)) = events::at(queued.slot) else { continue };
        let sdk = meta.sdk;
        let mut lane = sdk.state.lane();
        let discarded = queued.position < sdk.state.discarded_to.load(Ordering::SeqCst);
        match sdk.state.resting_mode() {
            _ if discarded => sdk.state.ledger.count(Outcome::Erased, 1),
            Mode::Off => sdk.state.ledger.count(Outcome::Erased, 1),
            _ => lane.append(sdk, meta, &descriptor, &queued),
        }
    }
    any
}

/// Opens the state folder of every SDK that the layers in memory allow, so that a flush finds the backlog of earlier
/// runs too.
fn open_all() {
    for sdk in all_sdks() {
        let mode = match sdk.state.resting_mode() {
            Mode::Undecided => gate::decide(sdk),
            mode => mode,
        };
        if mode == Mode::Pending {
            sdk.state.lane().open(sdk);
        }
    }
}

/// Naps while events come, sleeps when they stop, wakes for the next segment to seal and for the clock.
fn sleep(last_event: Instant, next_seal: Option<Instant>) {
    if last_event.elapsed() < WORKER_QUIET {
        thread::park_timeout(WORKER_NAP);
        return;
    }
    let until_seal = next_seal.map(|at| at.saturating_duration_since(Instant::now()));
    let longest = until_seal.unwrap_or(WORKER_SLEEP).min(WORKER_SLEEP);
    STATE.store(ASLEEP, Ordering::SeqCst);
    let flush_wanted = {
        let tickets = FLUSHES.lock();
        tickets.wanted > tickets.appended
    };
    if QUEUE.is_empty() && !flush_wanted {
        thread::park_timeout(longest);
    }
    STATE.store(AWAKE, Ordering::SeqCst);
}
