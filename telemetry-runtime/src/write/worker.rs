//! The worker: one thread per process for all SDKs, started by the first accepted event.
//!
//! It empties the queue into the spools within 50 ms, keeps the coarse clock, and tells the sender when there is
//! something to send. Nobody joins it; when `main` returns it is gone, and what it had appended is on disk. While events
//! come it looks at the queue every 20 ms, so a caller makes no system call; after a quiet second it sleeps, and the next
//! event wakes it with one.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

mod drain;

use self::drain::Drain;
pub(crate) use crate::write::worker_thread::look;
use crate::{
    base::{
        clock,
        effects::{self, Effect},
        ended,
        flushes::{self, FLUSHES},
        interned::Positions,
        limits::{APPEND_POLL, CALLER_WAIT, START_AGAIN, WORKER_NAP, WORKER_QUIET},
        process::{self, Inside, List, PerProcess},
    },
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    record::{events, mode, throttle, waiting::QUEUE},
    write::{
        outbox,
        worker_thread::{self, ASLEEP, AWAKE, ENDED, NONE, REFUSED, STATE, THREAD, has_failed},
        writer::{self, SdkWriter},
    },
};

/// Tells a reader of the binary that the queue and its worker are linked.
static MARKER: [u8; 13] = *b"\x7fTLM-queue-1\n";

/// Who is told of what there is to send: set by the pipeline before it starts anything.
static SENDERS: List<Senders> = List::new();

/// What the worker asks of those who send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Senders {
    /// Starts or wakes whoever sends for these SDKs, and all that have something for the flush with this number.
    pub(crate) notify: fn(Vec<Sdk>, Option<u64>),
    /// Whether one writes down what has become of the events of an SDK, when a flush is over.
    pub(crate) serves: fn(Sdk) -> bool,
}

/// Says who sends, once.
pub(crate) fn hand_over_to(senders: Senders) {
    if SENDERS.iter().next().is_none() {
        SENDERS.push(senders);
    }
}

fn notify(flush: Option<u64>) {
    let ready = outbox::take();
    if let Some(senders) = SENDERS.iter().next() {
        (senders.notify)(ready, flush);
    }
}

fn is_served(sdk: Sdk) -> bool {
    SENDERS.iter().next().is_some_and(|senders| (senders.serves)(sdk))
}

/// The program ends: nothing in memory waits for room on disk any more.
static ENDS: AtomicBool = AtomicBool::new(false);

/// The worker waits for room on disk, and need not be told that the queue fills.
static WAITS: AtomicBool = AtomicBool::new(false);

/// Whose turn it is to empty the queue: the worker's, or that of a caller where no worker could be started. Holds when a
/// start is tried again.
static TURN: PerProcess<Mutex<Option<Instant>>> = PerProcess::new(Mutex::new(None), |_| Mutex::new(None));

/// Tells the worker that the queue is not empty. One load while it is awake.
#[inline]
pub(crate) fn wake() {
    // `SeqCst`, as the queue's position: either this sees that the worker sleeps, or the worker, which looks at the
    // queue after saying so, sees the event.
    if STATE.load(Ordering::SeqCst) != AWAKE {
        wake_slowly();
    }
}

/// As [`wake`], of a worker that naps as well: the queue fills while it does.
#[cold]
pub(crate) fn hurry() {
    if WAITS.load(Ordering::Relaxed) {
        return;
    }
    wake();
    let _inside = Inside::enter();
    if !process::look_for_fork() {
        worker_thread::unpark();
    }
}

#[cold]
fn wake_slowly() {
    let _inside = Inside::enter();
    if process::look_for_fork() {
        return;
    }
    process::enter(); // Before anything says that there is a worker: a child must not believe it.
    if STATE.compare_exchange(NONE, AWAKE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        if !start() {
            append_on_caller();
        }
    } else if STATE.load(Ordering::SeqCst) == REFUSED {
        append_on_caller();
    } else {
        worker_thread::wake_sleeping();
    }
}

/// Starts the thread; `false` if the system has none to give.
fn start() -> bool {
    effects::note(Effect::Threads);
    let started = process::spawn("telemetry", run).is_ok();
    if !started {
        STATE.store(REFUSED, Ordering::SeqCst);
    }
    started
}

/// Where no thread can be started, nothing is sent, and events go to the disk on the threads that record them: one of
/// them at a time, while the others fill the queue.
#[cold]
fn append_on_caller() {
    let mut turn = match TURN.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        Err(TryLockError::WouldBlock) => return,
    };
    let now = Instant::now();
    if turn.is_some_and(|at| now >= at) {
        STATE.store(AWAKE, Ordering::SeqCst);
        if start() {
            return;
        }
    }
    if turn.is_none_or(|at| now >= at) {
        *turn = now.checked_add(START_AGAIN);
    }
    throttle::set_now();
    // Also what others record meanwhile: they do not wait for this turn, and may record nothing more.
    while empty(|sdk| writer::within(sdk, CALLER_WAIT), false) != Drained::Nothing {}
    writer::renew_configurations();
    writer::save_all();
}

/// Appends what was queued so far, on a thread that appends an event of its own next: what it has recorded comes in the order
/// in which it was recorded. Gives up at `deadline`, or where an SDK's writer is not free by then: nothing is lost for the order.
pub(crate) fn append_queued(deadline: Instant) {
    // What other threads record has no order with this.
    let end = QUEUE.end_of(process::thread_number() as usize);
    let _turn = loop {
        match TURN.try_lock() {
            Ok(turn) => break turn,
            Err(TryLockError::Poisoned(turn)) => break turn.into_inner(),
            // Whoever has it may be appending what this thread has recorded.
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(APPEND_POLL),
            Err(TryLockError::WouldBlock) => return,
        }
    };
    let mut drain = Drain::new(|sdk| writer::within(sdk, left_until(Some(deadline))));
    QUEUE.drain(Some(&end), |queued| {
        let takes = Instant::now() < deadline && drain.may_take(queued.slot);
        if takes {
            drain.take(queued);
        }
        takes
    });
}

/// After `shutdown`: has the thread look, and end.
pub(crate) fn end() {
    worker_thread::unpark();
}

/// Takes from the queue what came after the threads had ended.
pub(crate) fn drain_rest() {
    while drain(false) != Drained::Nothing {}
}

/// The time until `deadline`; an hour without one.
pub(crate) fn left_until(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()))
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
    worker_thread::unpark(); // It may nap; the caller waits for it.
    let mut tickets = FLUSHES.lock();
    while tickets.sent < ticket {
        if has_failed() {
            return false;
        }
        let left = left_until(deadline);
        if left.is_zero() {
            return false;
        }
        tickets = FLUSHES.changed.wait_timeout(tickets, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    true
}

/// Nothing waits in the queue for room on disk any more: the oldest on disk go for it.
pub(crate) fn wait_no_more() {
    ENDS.store(true, Ordering::Relaxed);
}

/// The same name as in a page, where nobody looks at the queue before the page is idle; here the worker does so at once.
pub(crate) const fn decide_queued() {}

/// Gives the worker until `deadline` to put on disk what these SDKs have recorded: what is queued, and what it has taken from
/// the queue already.
pub(crate) fn append_all(sdks: &[Sdk], deadline: Instant) {
    let in_memory = || sdks.iter().any(|sdk| sdk.state.ledger.in_memory() > 0);
    wait_no_more();
    // Also where there is no worker.
    writer::write_counts(sdks);
    while in_memory() && !has_failed() && Instant::now() < deadline {
        wake();
        worker_thread::unpark(); // It may nap; the caller waits for it.
        writer::write_counts(sdks);
        thread::sleep(APPEND_POLL);
    }
    ENDS.store(false, Ordering::Relaxed);
}

/// The clocks were moved: the worker looks what is due now.
#[cfg(feature = "testing")]
pub(crate) fn clock_moved() {
    throttle::set_now();
    worker_thread::unpark();
}

/// Throws away what is queued for one SDK at this moment, whatever is set later.
pub(crate) fn discard_queued(sdk: Sdk) {
    for (discarded_to, end) in sdk.state.discarded_to.iter().zip(QUEUE.end()) {
        discarded_to.store(end, Ordering::SeqCst);
    }
    // The worker counts it when it next looks; it only has to look soon.
    if STATE.load(Ordering::SeqCst) != NONE {
        wake();
    }
}

/// Says, when the thread ends for whatever reason, that nobody empties the queue any more.
struct EndOfWorker;

impl Drop for EndOfWorker {
    fn drop(&mut self) {
        STATE.store(ENDED, Ordering::SeqCst);
        flushes::look_again();
    }
}

fn run() {
    let _end = EndOfWorker;
    std::hint::black_box(&MARKER);
    let _ = THREAD.set(thread::current());
    let mut last_event = clock::instant();
    let mut today = 0;
    // Flushes, as long as something that was recorded before them waits for room.
    let mut flushes: Vec<(u64, Positions)> = Vec::new();
    loop {
        throttle::set_now();
        if today != clock::today() {
            today = clock::today();
            events::expire(today);
            writer::begin_day(today);
        }
        // Before the queue is looked at: what was recorded before somebody asked for a flush is in it.
        {
            let mut tickets = FLUSHES.lock();
            if tickets.wanted > tickets.appended {
                flushes.push((tickets.wanted, QUEUE.end()));
            }
            tickets.appended = tickets.wanted;
        }
        let drained = drain(true);
        if drained != Drained::Nothing {
            last_event = clock::instant();
        }
        let waits = drained == Drained::UntilFull;
        WAITS.store(waits, Ordering::Relaxed);
        let done = QUEUE.done();
        let is_appended = |end: &Positions| !waits || done.iter().zip(end).all(|(done, end)| done >= end);
        let wanted = flushes.iter().filter(|(_, end)| is_appended(end)).map(|(ticket, _)| *ticket).max();
        flushes.retain(|(ticket, _)| wanted.is_none_or(|wanted| *ticket > wanted));
        writer::renew_configurations();
        if ended::is_shut_down() {
            return;
        }
        if wanted.is_some() {
            open_all();
        }
        let next_notice = writer::ask_again(wanted.is_some());
        let next_offer = writer::offer_due(wanted.is_some());
        // Before the sender can end anything: only then it can be told what earlier processes have left open.
        let next_save = writer::save_ledgers(wanted.is_some(), is_served);
        notify(wanted);
        sleep(last_event, next_offer.into_iter().chain(next_save).chain(next_notice).min());
    }
}

/// What came of a look into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drained {
    /// It was empty.
    Nothing,
    /// All that was in it.
    All,
    /// There is more, and the spool is full of what is being sent.
    UntilFull,
}

/// Moves what is in the queue at this moment to the writers; with `waits`, as long as no event has to go for it that is about to be
/// sent.
fn drain(waits: bool) -> Drained {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    empty(|sdk| Some(writer::of(sdk)), waits && !ENDS.load(Ordering::Relaxed))
}

/// As [`drain`], by whoever has the turn. Without a writer an event is lost to the disk.
fn empty(writer: impl Fn(Sdk) -> Option<MutexGuard<'static, SdkWriter>>, waits: bool) -> Drained {
    let mut drain = Drain::new(writer);
    let mut full = false;
    let any = QUEUE.drain(None, |queued| {
        full = waits && drain.waits_for_room(queued.slot);
        if !full {
            drain.take(queued);
        }
        !full
    });
    match (full, any) {
        (true, _) => Drained::UntilFull,
        (false, true) => Drained::All,
        (false, false) => Drained::Nothing,
    }
}

/// Opens the state folder of every SDK that the layers in memory allow, so that a flush finds the backlog of earlier
/// runs too.
fn open_all() {
    for sdk in all_sdks() {
        let mode = match sdk.state.resting_mode() {
            Mode::Undecided => mode::decide(sdk),
            mode => mode,
        };
        if mode == Mode::Pending {
            writer::of(sdk).read_state_folder(sdk);
        }
    }
}

/// Naps while events come, sleeps when they stop, wakes for the next events to offer, to write the ledger down and for the
/// clock.
fn sleep(last_event: Instant, next: Option<Instant>) {
    if clock::since(last_event) < WORKER_QUIET {
        thread::park_timeout(WORKER_NAP);
        return;
    }
    writer::free_configurations();
    writer::rest();
    {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        QUEUE.rest(process::give_back);
    }
    let until_next = next.map(|at| at.saturating_duration_since(clock::instant()));
    // Awake at every tick, so that the coarse clock is right whenever a caller compares something with it.
    let longest = until_next.unwrap_or(Duration::MAX).min(clock::until_next_tick());
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
