//! The senders: a thread for each SDK, started when it has something to send.
//!
//! A thread owns the transport of its SDK, and with it the HTTP client and its runtime, from making to dropping it; no other
//! thread ever waits for it, and no SDK for another: a server that says nothing, a transport that blocks and one that
//! panics hold up the events of their own SDK. A request in flight ends with the process: the batch stays on disk under the
//! same key.

mod destination;
mod orders;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::PoisonError,
    time::Instant,
};

pub(crate) use self::destination::{transport, user_agent};
use self::{
    destination::{Destinations, keep_backlog, key},
    orders::{Next, Orders, Round},
};
use crate::{
    base::{
        clock,
        effects::{self, Effect},
        ended, flushes,
        process::{self, PerProcess},
    },
    decide::pause_text::StatusPause,
    declare::{registry::all_sdks, sdk::Sdk},
    record::mode,
    send::delivery::{self, Breaker, Ended, Now, Why},
    write::files::state_dir::SdkDir,
    write::writer,
};

static ORDERS: PerProcess<Orders<ByPlace>> = PerProcess::new(Orders::new(), |_| Orders::new());

/// An SDK, known by where its declaration lies.
#[derive(Clone, Copy)]
struct ByPlace(Sdk);

impl PartialEq for ByPlace {
    fn eq(&self, other: &Self) -> bool {
        key(self.0) == key(other.0)
    }
}

/// Starts or wakes the senders of these SDKs, which have something to send, and of all that have for a flush.
pub(crate) fn notify(ready: Vec<Sdk>, flush: Option<u64>) {
    // A flush serves what is ready, too: a second round right after it would burn an attempt.
    if flush.is_none() && ready.is_empty() {
        return;
    }
    // Writers are asked before the table is locked: whoever holds one locks the table.
    let sdks = if flush.is_some() { all_sdks() } else { Vec::new() };
    let with_files = sdks.into_iter().filter(|sdk| writer::of(*sdk).has_outgoing());
    let waiting: Vec<Sdk> = ready.into_iter().chain(with_files).collect();
    let mut table = ORDERS.lock();
    waiting.into_iter().for_each(|sdk| table.want(ByPlace(sdk)));
    if let Some(ticket) = flush {
        table.want_flush(ticket);
    }
    table.give_threads(|number| {
        effects::note(Effect::Threads);
        process::spawn("telemetry-send", move || run(number)).is_ok()
    });
    let flushed = table.flushed();
    drop(table);
    ORDERS.changed.notify_all();
    flushes::flushed(flushed);
}

/// Whether a thread sends for this SDK, and looks at it in each flush.
pub(crate) fn serves(sdk: Sdk) -> bool {
    ORDERS.lock().serves(ByPlace(sdk))
}

/// Says, when a thread ends, that it sends for nobody any more: no flush may wait for it.
struct EndOfSender(usize);

impl Drop for EndOfSender {
    fn drop(&mut self) {
        let mut table = ORDERS.lock();
        table.end(self.0);
        let flushed = table.flushed();
        drop(table);
        flushes::flushed(flushed);
        flushes::look_again();
    }
}

/// The clocks were moved: a wait may be over.
#[cfg(feature = "testing")]
pub(crate) fn clock_moved() {
    end();
}

/// After `shutdown`: has the threads look, and end, and with them the connections and files that they hold.
pub(crate) fn end() {
    // Under the lock, so that none misses it between a look and a wait.
    let _table = ORDERS.lock();
    ORDERS.changed.notify_all();
}

/// Whether there is no such thread, because all have ended or none was ever needed.
pub(crate) fn has_ended() -> bool {
    ORDERS.lock().have_ended()
}

fn run(number: usize) {
    // Dropped last, when everything else that this function holds is gone.
    let _end = EndOfSender(number);
    let mut destinations = Destinations::new();
    while let Some(round) = wait(number) {
        // A transport that an SDK brought along may panic: that ends the sending of this SDK.
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let again = serve(&mut destinations, round);
            // Whoever waited for the flush may end the program now.
            writer::save_ledger(round.sdk.0, round.for_flush);
            again
        }));
        let again = ended.unwrap_or_else(|_| {
            let left = destinations.remove(&key(round.sdk.0));
            let _ = catch_unwind(AssertUnwindSafe(|| drop(left)));
            ORDERS.lock().fail(round.sdk);
            None
        });
        let mut table = ORDERS.lock();
        table.done(round.sdk, again);
        let flushed = table.flushed();
        drop(table);
        flushes::flushed(flushed);
    }
}

/// Waits for the next round of this thread; `None` after `shutdown`.
fn wait(number: usize) -> Option<Round<ByPlace>> {
    let mut table = ORDERS.lock();
    loop {
        if ended::is_shut_down() {
            return None; // `EndOfSender` answers whoever still waits.
        }
        let now = clock::instant();
        table = match table.next(number, now) {
            Next::Serve(round) => return Some(round),
            Next::Wait(None) => ORDERS.changed.wait(table).unwrap_or_else(PoisonError::into_inner),
            Next::Wait(Some(at)) => {
                let left = at.saturating_duration_since(now);
                ORDERS.changed.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
}

/// Sends what one SDK has; answers when to look again, if there is a time.
fn serve(destinations: &mut Destinations, round: Round<ByPlace>) -> Option<Instant> {
    let Round { sdk: ByPlace(sdk), for_flush } = round;
    let outgoing = writer::of(sdk).outgoing(sdk)?;
    let send_after = outgoing.send_after;
    let destination = keep_backlog(destinations, sdk, outgoing)?;
    // A notice was shown in this run: that holds for a flush as well.
    if let Some(at) = send_after.filter(|at| *at > clock::instant()) {
        return Some(at);
    }
    if mode::malformed_proxy(sdk).is_some() {
        return None; // The next program may have another environment; `status` tells about this one.
    }
    let why = if for_flush { Why::Asked } else { Why::Waiting };
    match destination.deliver(why) {
        Ended::Gone => {
            writer::of(sdk).mark_gone(sdk);
            None
        }
        Ended::Later(wait) => clock::instant().checked_add(wait),
        Ended::Stopped | Ended::Empty => None,
    }
}

/// The clocks and the dice of this machine. Without random numbers every pause is the longest: slower, never a rush.
pub(crate) fn now() -> Now {
    Now { unix: clock::now_seconds(), at: clock::instant(), random: || getrandom::u32().unwrap_or(u32::MAX) }
}

/// Takes the right to deliver at the end of a program, which each destination has once in a while; see
/// [`exit_guard`](crate::exit_guard).
pub(crate) fn take_exit(sdk: Sdk, dir: &SdkDir) -> bool {
    effects::note(Effect::Files);
    Breaker::new(&writer::breaker_entry(sdk), clock::instant()).take_exit(dir, now())
}

/// Why nothing is sent at this moment although it might be, and for how long, if that is so.
pub(crate) fn why_paused(sdk: Sdk, dir: Option<&SdkDir>) -> Option<StatusPause> {
    if let Some(variable) = mode::malformed_proxy(sdk) {
        return Some(StatusPause::Proxy { variable });
    }
    delivery::describe(dir?, &writer::breaker_entry(sdk), clock::now_seconds())
}
