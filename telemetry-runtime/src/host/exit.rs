//! What an SDK may do at the end of a short program, if its author chose so and the program says so in one line.
//!
//! By default nothing happens there: events wait on disk for a later run.

mod detached;
#[cfg(unix)]
mod handles;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use telemetry_schema::Exit;

use crate::{
    base::{
        limits::{EXIT_APPEND, EXIT_SAVE},
        process::{self, Inside},
    },
    decide::guarded,
    declare::{
        registry::all_sdks,
        sdk::{Mode, Sdk},
    },
    pipeline,
    send::{ending, threads},
    write::{worker, writer},
};

/// The end of the program was reached once; a second guard does nothing.
static ENDED: AtomicBool = AtomicBool::new(false);

/// Opts a program in to what its SDKs chose for its end with `exit:` in [`sdk!`](crate::sdk); the first line of `main`.
///
/// ```no_run
/// let _telemetry = telemetry_runtime::exit_guard();
/// // the program
/// ```
///
/// When the guard is dropped, what was recorded is written to disk; that takes at most 50 ms, and usually none. What happens
/// then, at most once per 24 hours, SDK and user, and only if something waits that may be sent:
///
/// - `exit: Grace(300)`: waits up to so many milliseconds for the delivery that is under way. What has not arrived by then
///   stays on disk.
/// - `exit: Detached`: starts the same program again, with the one argument `--telemetry-deliver`, nothing of the
///   environment but what finding the state folder and the server takes, no output and no terminal. **There, this call
///   delivers and ends the process**, after 5 seconds in any case; that is why it must be the first line: whatever stands
///   before it runs in that process, too.
/// - `exit: Later`: nothing.
///
/// Without this line nothing happens at the end, whatever `exit:` says; [`Sdk::status`](crate::Sdk::status) and debug mode
/// say so.
///
/// A notice that could not be shown while a full-screen program had the terminal is shown then, too, whatever `exit:` says.
/// Last, what has become of the events so far is written down, which takes a few milliseconds at most; without the guard, the
/// ledger lags by up to a second.
/// The exit code and the output of the program are not touched. [`std::process::exit`] and a panic skip the guard; then
/// events wait on disk. Compiled out, this does nothing.
pub fn exit_guard() -> ExitGuard {
    guarded::set(true);
    detached::deliver_if_child();
    ExitGuard { _private: () }
}

/// What [`exit_guard`] returns: its end is the end of the program.
#[derive(Debug)]
#[must_use = "the guard does its work when it is dropped: `let _telemetry = telemetry_runtime::exit_guard();`"]
pub struct ExitGuard {
    _private: (),
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        if !thread::panicking() && !ENDED.swap(true, Ordering::SeqCst) {
            end();
        }
        // `let _ = …` drops it at once, and nothing happens at the end.
        guarded::set(false);
    }
}

fn end() {
    let _inside = Inside::enter();
    if process::look_for_fork() {
        return; // A forked child has nothing to wait for, and its parent reaches an end of its own.
    }
    // A full-screen program has given the terminal back by now. Nobody waits for whoever has the writer.
    for sdk in all_sdks() {
        if let Some(mut writer) = writer::within(sdk, Duration::ZERO) {
            writer.ask_again(sdk, true);
        }
    }
    // An SDK that was not used, or is off, has nothing to say here.
    let in_use = |sdk: &Sdk| matches!(sdk.state.resting_mode(), Mode::Pending | Mode::On);
    let sdks: Vec<Sdk> = all_sdks().into_iter().filter(in_use).collect();
    if sdks.is_empty() {
        return;
    }
    let grace = sdks.iter().filter_map(|sdk| grace(*sdk)).max();
    let now = Instant::now();
    // Whatever the author chose: what the program has recorded shortly before its end is not lost with the worker.
    worker::append_all(&sdks, now + grace.unwrap_or(EXIT_APPEND));
    if let Some(grace) = grace {
        let deadline = now + grace;
        let any = sdks.iter().filter(|sdk| self::grace(**sdk).is_some()).any(|sdk| take(*sdk, deadline));
        let left = deadline.saturating_duration_since(Instant::now());
        if any && !left.is_zero() {
            // Nobody is joined: the wait ends with the time, whatever the sender is doing then.
            pipeline::threads::flush(left.saturating_sub(EXIT_SAVE));
        }
    }
    let detached: Vec<Sdk> = sdks.into_iter().filter(|sdk| sdk.info.exit == Exit::Detached).collect();
    if !detached.is_empty() && !detached::is_child() {
        let deadline = now + EXIT_APPEND;
        let due: Vec<Sdk> = detached.into_iter().filter(|sdk| take(*sdk, deadline)).collect();
        if !due.is_empty() {
            detached::start(&due);
        }
    }
    ending::end_of_program();
}

fn grace(sdk: Sdk) -> Option<Duration> {
    match sdk.info.exit {
        Exit::Grace(milliseconds) => Some(Duration::from_millis(milliseconds.into())),
        Exit::Later | Exit::Detached => None,
    }
}

/// Whether this end of the program is the one of the day on which this SDK may do something, and it has something to do.
fn take(sdk: Sdk, deadline: Instant) -> bool {
    // Whoever holds the writer longer does not give it back in time.
    let writer = writer::within(sdk, deadline.saturating_duration_since(Instant::now()));
    writer.is_some_and(|mut writer| writer.deliverable(sdk).is_some_and(|dir| threads::take_exit(sdk, &dir)))
}
