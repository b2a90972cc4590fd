//! Steps that the tests of faults put together: `steps <run> <step>…`. Numbers go on over all steps of a run.
//!
//! | step | does | says |
//! | --- | --- | --- |
//! | `command:N` | records so many commands | `trying <number>` before and `kept <number>` after each |
//! | `event:N` | records so many other events | `trying <number>` before each |
//! | `burst:N` | the same | |
//! | `settle` | waits until they are on disk or counted | `settled <numbers so far>` |
//! | `flush` | flushes | `flushed <sent> <waiting>` or why not |
//! | `shutdown:N` | shuts down within so many milliseconds | |
//! | `on`, `basic`, `local`, `off` | stores a decision: a yes to all, to the lowest level, to recording alone, a no | itself, or why not |
//! | `veto` | the host says no | |
//! | `reload` | the environment is read again, and with it the state folder | |
//! | `ended` | waits until nothing waits any more | `ended` |
//! | `sleep:N` | waits so many milliseconds | |
//! | `line` | waits for a line on standard input | `line` |
//!
//! At the end it says its ledger, and ends with [`CODE`]. With `PROBE_WAIT` it says `ready` and waits for a line before
//! anything else, so that somebody can begin to trace it.

use std::{
    io::{IoSlice, Read as _},
    thread,
    time::{Duration, Instant},
};

use telemetry_runtime::{Consent, ConsentError, Level, flush, record, reload_environment, shutdown, veto_all};

use crate::{Commanded, Numbered, TELEMETRY, settle};

/// How these programs end: no fault of ours may change it.
const CODE: i32 = 3;

/// Waits for whoever traces this.
pub fn await_tracer() {
    if std::env::var_os("PROBE_WAIT").is_some() {
        #[cfg(target_os = "linux")]
        telemetry_tests::native::allow_tracers();
        say("ready");
        await_line();
    }
}

/// Does all steps.
pub fn steps(run: u32, steps: &[String]) -> ! {
    let mut number = 0;
    for step in steps {
        let (name, count) = step.split_once(':').unwrap_or((step, ""));
        let count: u32 = count.parse().unwrap_or_default();
        match name {
            "command" => {
                for _ in 0..count {
                    say(&format!("trying {number}"));
                    record!(Commanded { run, number });
                    say(&format!("kept {number}"));
                    number += 1;
                }
            }
            "event" => {
                for _ in 0..count {
                    say(&format!("trying {number}"));
                    record!(Numbered { run, number });
                    number += 1;
                }
            }
            "burst" => {
                for _ in 0..count {
                    record!(Numbered { run, number });
                    number += 1;
                }
            }
            "settle" => {
                settle();
                say(&format!("settled {number}"));
            }
            "flush" => match flush(Duration::from_secs(30)) {
                Ok(flushed) => say(&format!("flushed {} {}", flushed.sent, flushed.waiting)),
                Err(error) => say(&format!("{error:?}")),
            },
            "shutdown" => drop(shutdown(Duration::from_millis(count.into()))),
            "off" | "local" | "basic" | "on" => match decide(name) {
                Ok(()) => say(name),
                Err(error) => say(&format!("{error:?}")),
            },
            "veto" => veto_all(),
            "reload" => reload_environment(),
            "ended" => {
                let begun = Instant::now();
                while TELEMETRY.status().ledger.waiting > 0 && begun.elapsed() < Duration::from_secs(60) {
                    thread::sleep(Duration::from_millis(5));
                }
                say("ended");
            }
            "sleep" => thread::sleep(Duration::from_millis(count.into())),
            "line" => {
                await_line();
                say("line");
            }
            other => panic!("no such step: {other:?}"),
        }
    }
    say(&serde_json::to_string(&TELEMETRY.status().ledger).unwrap_or_default());
    std::process::exit(CODE);
}

fn decide(word: &str) -> Result<(), ConsentError> {
    match word {
        "on" => TELEMETRY.set_consent_at(Consent::On, Level::Usage),
        "basic" => TELEMETRY.set_consent_at(Consent::On, Level::Basic),
        "local" => TELEMETRY.set_consent(Consent::Local),
        _ => TELEMETRY.set_consent(Consent::Off),
    }
}

/// A line on standard output, by a system call that nothing of the runtime makes on a file: who lets `write` fail means
/// the runtime.
fn say(line: &str) {
    let line = format!("{line}\n");
    let mut rest = line.as_bytes();
    while !rest.is_empty() {
        #[cfg(unix)]
        let written = rustix::io::writev(std::io::stdout(), &[IoSlice::new(rest)]);
        #[cfg(not(unix))]
        let written = std::io::Write::write_vectored(&mut std::io::stdout(), &[IoSlice::new(rest)]);
        match written {
            Ok(written) => rest = &rest[written..],
            Err(_) => std::process::exit(4),
        }
    }
}

fn await_line() {
    let mut byte = [0];
    while std::io::stdin().read(&mut byte).is_ok_and(|read| read > 0) && byte != *b"\n" {}
}
