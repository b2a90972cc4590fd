//! The worker of a page: tasks of its event loop, in place of a thread; the same names as in `worker.rs`.
//!
//! What is recorded waits in the queue until the page is idle, half a second at most, and is written then. Where the page is hidden or
//! goes away, it is written and offered at once.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

#[path = "worker/drain_page.rs"]
mod drain;

use telemetry_schema::cut;

use crate::{
    base::{
        clock, ended,
        limits::{PAGE_IDLE, PAGE_SEES},
        page,
        process::{Inside, List},
    },
    declare::{registry::all_sdks, sdk::Sdk},
    record::{events, throttle, waiting::QUEUE},
    write::writer,
};

/// Tells a reader of the module that the queue and its worker are linked.
static MARKER: [u8; 13] = *b"\x7fTLM-queue-1\n";

/// Who is told of what there is to send: set by the pipeline before it starts anything.
static SENDERS: List<Senders> = List::new();

/// A task was asked for and has not run.
static SCHEDULED: AtomicBool = AtomicBool::new(false);

/// A timer for what is to be offered later runs.
static OFFERING: AtomicBool = AtomicBool::new(false);

/// A timer for counts that are to be written later runs.
static COUNTING: AtomicBool = AtomicBool::new(false);

/// The page has gone away; perhaps it lies in the back-forward cache.
static LEFT: AtomicBool = AtomicBool::new(false);

/// The UTC day on which the sample was rolled.
static TODAY: AtomicU32 = AtomicU32::new(0);

/// What the worker asks of those who send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Senders {
    /// Sends what this SDK has; at once, or when the breaker likes.
    pub(crate) notify: fn(Sdk, bool),
}

/// Says who sends, once.
pub(crate) fn hand_over_to(senders: Senders) {
    if SENDERS.iter().next().is_none() {
        SENDERS.push(senders);
    }
}

/// From the first event on: looks at the page going away and coming back, and at every quarter of an hour.
pub(crate) fn begin() {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    if BEGUN.swap(true, Ordering::SeqCst) {
        return;
    }
    std::hint::black_box(&MARKER);
    page::on("visibilitychange", || {
        if page::is_hidden() {
            hand_over();
        }
    });
    page::on("pagehide", || {
        LEFT.store(true, Ordering::SeqCst);
        leave();
    });
    // It was in the back-forward cache, and takes over what it has left; the first time there is nothing to do.
    page::on("pageshow", || {
        if LEFT.swap(false, Ordering::SeqCst) {
            wake();
        }
    });
    // What waited for the network.
    page::on("online", hand_over);
    tick();
}

/// What was recorded before somebody decides is decided about by what holds until then: a page may be idle only later.
pub(crate) fn decide_queued() {
    if !QUEUE.is_empty() {
        drain();
    }
}

/// Tells the worker that the queue is not empty.
#[inline]
pub(crate) fn wake() {
    if !SCHEDULED.swap(true, Ordering::SeqCst) {
        page::when_idle(PAGE_IDLE, run);
    }
}

/// As [`wake`], where the queue fills.
pub(crate) fn hurry() {
    page::after(Duration::ZERO, run);
}

/// Has the worker look at what changed.
pub(crate) fn look() {
    wake();
}

fn run() {
    SCHEDULED.store(false, Ordering::SeqCst);
    let _inside = Inside::enter();
    drain();
    offer(false);
}

/// Moves what is in the queue to the writers, and has it written.
pub(crate) fn drain() {
    if ended::is_shut_down() {
        return;
    }
    look_at_the_clock();
    drain::drain();
    for sdk in all_sdks() {
        let mut writer = writer::of(sdk);
        // Another page may have said no, also where nothing was recorded here since.
        writer.is_still_open(sdk);
        if let Some(at) = writer.settle_counts(sdk, false) {
            run_at(&COUNTING, at, || {
                COUNTING.store(false, Ordering::SeqCst);
                run();
            });
        }
        writer.save_memory();
        writer.save_ledger(sdk);
        // A lock that is granted to a page in the back-forward cache throws it out of there.
        let adopts = !LEFT.load(Ordering::SeqCst) && writer.take_to_adopt();
        drop(writer);
        if adopts {
            page::in_turn(&cut::joined(&["telemetry/", sdk.info.name]), move || claim(sdk));
        }
    }
}

/// It is this page's turn to say that it takes over what others have left.
fn claim(sdk: Sdk) {
    let _inside = Inside::enter();
    if writer::of(sdk).claim(sdk) {
        page::after(PAGE_SEES, adopt);
    } else {
        notify(sdk, false);
    }
}

/// Each page has seen by now which one takes over what others have left.
fn adopt() {
    let _inside = Inside::enter();
    for sdk in all_sdks() {
        writer::of(sdk).adopt(sdk);
        notify(sdk, false); // The backlog of earlier pages goes without linger.
    }
}

/// Tells the senders of what was appended, if its time has come or at once; sees to it that somebody looks at the rest.
fn offer(at_once: bool) {
    let mut next = None;
    for sdk in all_sdks() {
        let due = writer::of(sdk).offer_due(at_once);
        match due {
            Ok(true) => notify(sdk, at_once),
            Ok(false) => {}
            Err(at) => next = Some(next.map_or(at, |next: clock::Instant| next.min(at))),
        }
    }
    if let Some(at) = next {
        run_at(&OFFERING, at, || {
            OFFERING.store(false, Ordering::SeqCst);
            run();
        });
    }
}

/// Calls `due` at this time, unless its timer runs already.
fn run_at(timer: &AtomicBool, at: clock::Instant, due: fn()) {
    if !timer.swap(true, Ordering::SeqCst) {
        page::after(at.saturating_duration_since(clock::instant()), due);
    }
}

fn notify(sdk: Sdk, at_once: bool) {
    if let Some(senders) = SENDERS.iter().next() {
        (senders.notify)(sdk, at_once);
    }
}

/// Writes and offers everything now.
pub(crate) fn hand_over() {
    let _inside = Inside::enter();
    drain();
    offer(true);
}

/// The page goes away, or into the back-forward cache.
pub(crate) fn leave() {
    hand_over();
    let _inside = Inside::enter();
    for sdk in all_sdks() {
        writer::of(sdk).leave(sdk);
    }
}

/// Throws away what is queued for one SDK at this moment, whatever is set later.
pub(crate) fn discard_queued(sdk: Sdk) {
    for (discarded_to, end) in sdk.state.discarded_to.iter().zip(QUEUE.end()) {
        discarded_to.store(end, Ordering::SeqCst);
    }
    if !QUEUE.is_empty() {
        wake();
    }
}

/// At every quarter of an hour the coarse clock moves, which callers compare with.
fn tick() {
    let _inside = Inside::enter();
    look_at_the_clock();
    page::after(clock::until_next_tick(), tick);
}

fn look_at_the_clock() {
    throttle::set_now();
    let today = clock::today();
    if TODAY.swap(today, Ordering::SeqCst) != today {
        events::expire(today);
        all_sdks().into_iter().for_each(|sdk| writer::of(sdk).begin_day(sdk, today));
    }
}
