//! From a call to a request: gate → sampling → throttle → queue → spool → batch → transport → ledger.
//!
//! | step | thread | file |
//! | --- | --- | --- |
//! | gate, sampling, throttle, queue | the caller's | this file, `decide/`, `record/` |
//! | render, append to the spool | the worker's; the caller's for commands | `write/`, `wire/`, `spool/` |
//! | batch, send, retry | the sender's | `send/` |
//!
//! The caller's part makes no system call, takes no lock and allocates nothing for an event of ordinary size. The two
//! threads start with the first accepted event and the first thing to send; nobody ever joins them.

#[cfg_attr(in_page, path = "pipeline/call_page.rs")]
pub(crate) mod call;
pub(crate) mod command;
pub(crate) mod event;
mod statics;
#[cfg_attr(in_page, path = "pipeline/threads_page.rs")]
pub(crate) mod threads;

use std::sync::atomic::Ordering;

use telemetry_schema::{Kind, WriteOn};

pub(crate) use crate::count::ledger::Outcome;
#[cfg(all(native, feature = "testing"))]
use crate::record::captured;
use crate::{
    base::{
        needs,
        process::{self, Inside},
    },
    declare::{
        sdk::meta::EventMeta,
        sdk::{Look, Mode, Sdk, SdkState},
        sink::{Payload, Sink},
    },
    record::{
        configurations, debug,
        events::{self, ABOVE_LEVEL, AWAITING_CONSENT, DISABLED, INDEX},
        mode,
        queued::{Pushed, Queued},
        throttle,
        waiting::QUEUE,
    },
    write::{caller, silence, worker},
};

/// Tells a reader of the binary that the dispatcher is linked, also where somebody removed the records.
static MARKER: [u8; 18] = *b"\x7fTLM-dispatcher-1\n";

/// Whether the event's values are worth making: the gate and sampling say yes. Generated code asks it before it
/// evaluates anything. The answer is the number of the thread, and 0 where the mode is to be asked again when the values are there.
#[inline]
fn admit(mode: Look, state: &SdkState, meta: &'static EventMeta) -> Option<u32> {
    let (slot, thread) = (meta.slot.load(Ordering::Relaxed), process::number_outside());
    // A used event without flags in an SDK that is on: what is left is the day's sample roll.
    if mode.is_on() && slot.wrapping_sub(1) < INDEX && thread != 0 {
        return in_sample(state, meta).then_some(thread);
    }
    admit_slowly(meta).then_some(0)
}

#[inline]
fn in_sample(state: &SdkState, meta: &EventMeta) -> bool {
    let sample_roll = u64::from(state.sample_roll.load(Ordering::Relaxed));
    if sample_roll < meta.threshold && sample_roll < state.threshold.load(Ordering::Relaxed) {
        return true;
    }
    state.ledger.sample_out();
    false
}

#[cold]
fn admit_slowly(meta: &'static EventMeta) -> bool {
    if process::is_forked() || process::is_inside() {
        return false;
    }
    let _inside = Inside::enter();
    let sdk = meta.sdk;
    let mut mode = sdk.state.mode();
    if mode == Mode::Undecided {
        std::hint::black_box(&MARKER);
        threads::begin();
        mode = mode::decide(sdk);
    }
    #[cfg(all(native, feature = "testing"))]
    if mode == Mode::Captured {
        if captured::captures_this_thread() {
            return true;
        }
        mode = match sdk.state.resting_mode() {
            Mode::Undecided => mode::decide(sdk),
            resting => resting,
        };
    }
    if mode == Mode::Off {
        return false;
    }
    let slot = match meta.slot.load(Ordering::Acquire) {
        0 => events::register(meta),
        slot => slot,
    };
    if slot & DISABLED != 0 {
        return false;
    }
    match mode {
        Mode::AwaitingNotice => {
            sdk.state.ledger.hold(Outcome::BeforeNotice);
            ask_for_notice(sdk);
            false
        }
        Mode::On if slot & AWAITING_CONSENT != 0 => {
            sdk.state.ledger.hold(Outcome::AwaitingConsent);
            ask_for_notice(sdk);
            false
        }
        Mode::On if slot & ABOVE_LEVEL != 0 => {
            sdk.state.ledger.hold(Outcome::AboveLevel);
            false
        }
        Mode::On => in_sample(sdk.state, meta),
        // Pending: the sample roll is on disk; the worker asks it. Debug: everything is shown.
        _ => true,
    }
}

/// An event came that the user was not told of: perhaps the terminal can show the notice by now.
fn ask_for_notice(sdk: Sdk) {
    if sdk.state.wants_notice.swap(false, Ordering::SeqCst) {
        worker::look();
    }
}

/// Takes an admitted event with its values.
#[inline]
pub(crate) fn submit(meta: &'static EventMeta, sink: Sink<'_>) {
    let payload = sink.payload();
    call::submit_words(meta, payload.words(), payload.len(), Caller::of(sink.thread(), false));
    sink.release();
}

/// Who records, in one register: the number of its thread, of 31 bits, and whether the day's sample roll is still on disk. What is handed
/// on for an event fits the registers so, and no repeat pays for a stack.
#[derive(Clone, Copy)]
struct Caller(u32);

impl Caller {
    const PENDING: u32 = 1 << 31;

    #[inline]
    fn of(thread: u32, pending: bool) -> Self {
        Self(thread | if pending { Self::PENDING } else { 0 })
    }

    /// Whether the mode is to be asked again.
    #[inline]
    fn is_unknown(self) -> bool {
        self.0 == 0
    }

    #[inline]
    fn thread(self) -> u32 {
        self.0 & !Self::PENDING
    }

    #[inline]
    fn is_pending(self) -> bool {
        self.0 & Self::PENDING != 0
    }
}

/// As [`submit`], with the payload in registers; and short: every repeat pays for it.
#[inline(always)]
fn submit_new(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller) {
    if caller.is_unknown() {
        return submit_slowly(meta, words, len);
    }
    match throttle::of(meta, Payload::new(words, len)) {
        Some(sought) if throttle::table().is_taken(sought) => meta.sdk.state.ledger.throttle_on(caller.thread()),
        Some(sought) if meta.sdk.state.is_on() => accept_first(meta, words, len, caller, sought.mark()),
        None if meta.sdk.state.is_on() => accept(meta, words, len, caller, 0),
        // Decided otherwise while the values were made.
        _ => submit_slowly(meta, words, len),
    }
}

/// As [`submit_new`], of an event that is recorded every time.
#[inline(always)]
fn submit_unthrottled(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller) {
    if meta.sdk.state.is_on() && !caller.is_unknown() {
        accept(meta, words, len, caller, 0);
    } else {
        submit_slowly(meta, words, len);
    }
}

#[cold]
fn submit_slowly(meta: &'static EventMeta, words: &[[u8; 8]], len: usize) {
    let _inside = Inside::enter();
    let (sdk, payload) = (meta.sdk, Payload::new(words, len));
    match sdk.state.mode() {
        Mode::On => submit_accepted(meta, payload, false),
        Mode::Pending => submit_accepted(meta, payload, true),
        Mode::Debug => show(meta, payload),
        #[cfg(all(native, feature = "testing"))]
        Mode::Captured => {
            if !captured::capture_event(meta, payload) {
                match sdk.state.resting_mode() {
                    Mode::On => submit_accepted(meta, payload, false),
                    Mode::Pending => submit_accepted(meta, payload, true),
                    Mode::Debug => show(meta, payload),
                    _ => {}
                }
            }
        }
        // Decided otherwise since `admit`: the event was never offered. Or the closure that makes the values has forked.
        Mode::Off | Mode::AwaitingNotice | Mode::Undecided | Mode::Forked => {}
    }
}

fn show(meta: &'static EventMeta, payload: Payload<'_>) {
    if let Some(debug) = debug::needed() {
        (debug.show)(meta, payload);
    }
}

/// Throttles, where it is not known whether the event comes for the first time.
fn submit_accepted(meta: &'static EventMeta, payload: Payload<'_>, pending: bool) {
    let caller = Caller::of(process::thread_number(), pending);
    match throttle::of(meta, payload) {
        Some(sought) => accept_first(meta, payload.words(), payload.len(), caller, sought.mark()),
        None => accept(meta, payload.words(), payload.len(), caller, 0),
    }
}

/// Accepts an event that nobody else is recording at this moment.
#[inline(never)]
fn accept_first(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller, mark: u64) {
    if throttle::table().take(mark, throttle::until(meta)) {
        accept(meta, words, len, caller, mark);
    } else {
        meta.sdk.state.ledger.throttle_on(caller.thread());
    }
}

#[inline(never)]
fn accept(meta: &'static EventMeta, words: &[[u8; 8]], len: usize, caller: Caller, mark: u64) {
    let sdk = meta.sdk;
    if telemetry_veto::is_vetoed() {
        // The veto came through another version of the runtime, which could not change our mode.
        silence::apply(sdk);
        return;
    }
    sdk.state.ledger.take_on(caller.thread());
    let slot = meta.slot.load(Ordering::Relaxed);
    if needs::at_once() && (meta.kind == Kind::Command || sdk.info.write_on == WriteOn::Caller) {
        append_now(sdk, slot, mark, caller.is_pending(), words, len);
        return;
    }
    // Now, and not when the worker comes to it: the settings may be others by then.
    let configuration = sdk.state.configuration.current();
    if configuration == 0 {
        return refuse(sdk, mark, Outcome::QueueFull);
    }
    match QUEUE.push(caller.thread() as usize, slot, mark, configuration, caller.is_pending(), Payload::new(words, len))
    {
        Pushed::Yes => worker::wake(),
        Pushed::Filling => worker::hurry(),
        Pushed::Full => refuse(sdk, mark, Outcome::QueueFull),
        Pushed::TooLong => refuse(sdk, mark, Outcome::Oversize),
    }
}

#[cold]
fn append_now(sdk: Sdk, slot: u32, mark: u64, pending: bool, words: &[[u8; 8]], len: usize) {
    let _inside = Inside::enter();
    if process::look_for_fork() {
        return;
    }
    process::enter();
    let configuration = configurations::now(sdk);
    let payload = Payload::new(words, len).bytes();
    let queued = Queued { shard: 0, position: u64::MAX, slot, mark, configuration: 0, pending, payload };
    caller::append(sdk, &configuration, &queued);
}

/// The queue is full, or holds events of so many configurations that there is no room for this one's, or the event is longer
/// than any may be: it is lost, its cell in the throttle is not.
#[cold]
fn refuse(sdk: Sdk, mark: u64, outcome: Outcome) {
    if mark != 0 {
        throttle::table().release(mark);
    }
    sdk.state.ledger.count(outcome, 1);
    worker::hurry();
}
