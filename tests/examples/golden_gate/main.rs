//! The SDKs that the tests of the gate ask: `golden_gate <sdk> <action> [number]`.
//!
//! One SDK is asked; the host turns off all others. The environment says what the host does: `PROBE_PORT` (the port of
//! the test's server), `HOST_DISABLES`, `HOST_VETOES`, `HOST_ALLOWS_RELEASE`, `HOST_LOOPBACK`, `HOST_DEBUG`,
//! `HOST_POLICY` (where the policy of the machine lies), `HOST_INSTANCE=<key>`, `HOST_SHOWED_NOTICE` (`1`: this one, else: the hash that was shown). The answer is one line of JSON.

mod sdks;

use std::{
    io::{BufRead as _, Write as _},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use telemetry_runtime::{
    Consent, Options, Sdk, allow_release, flush, instance::PublishableKey, reload_environment, veto_all,
};

const LONG: Duration = Duration::from_secs(30);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    let number = argument(2).parse().unwrap_or(1);
    let mut asked = None;
    for (name, (sdk, happened)) in sdks::sdks() {
        if name == argument(0) {
            asked = Some((sdk, happened));
        } else {
            sdk.configure(Options::new().enabled(false));
        }
    }
    let Some((sdk, happened)) = asked else {
        eprintln!("golden_gate: no such SDK: {:?}", argument(0));
        std::process::exit(2);
    };
    host(sdk);
    let answer = match argument(1) {
        "status" => Value::Null,
        "record" => {
            happened(number);
            json!({"flushed": format!("{:?}", flush(LONG))})
        }
        "deliver" => json!({"flushed": format!("{:?}", flush(LONG))}),
        "record-and-end" => {
            happened(number);
            return;
        }
        "consent" => json!({"stored": format!("{:?}", sdk.set_consent(consent(argument(2))))}),
        "veto-queued" => veto_queued(sdk, happened),
        "veto-spooled" => veto_spooled(sdk, happened),
        "veto-in-flight" => veto_in_flight(happened),
        "reload_environment" => {
            line();
            let before = format!("{:?}", flush(LONG));
            reload_environment();
            happened(number);
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "record-reload" => {
            happened(number);
            let before = format!("{:?}", flush(LONG));
            line();
            reload_environment();
            happened(number + 1);
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "record-twice" => {
            happened(number);
            let before = format!("{:?}", flush(LONG));
            happened(number + 1);
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "record-again" => {
            if number > 0 {
                happened(number);
            }
            let before = format!("{:?}", flush(LONG));
            line();
            happened(number + 1);
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "deliver-again" => {
            happened(number);
            let before = format!("{:?}", flush(LONG));
            line();
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "reconfigure" => {
            happened(number);
            let before = format!("{:?}", flush(LONG));
            sdk.configure(Options::new().sampling_rate(1.0));
            happened(number + 1);
            let _ = flush(LONG);
            happened(number + 2);
            json!({"before": before, "flushed": format!("{:?}", flush(LONG))})
        }
        "globals" => globals(happened),
        other => {
            eprintln!("golden_gate: no such action: {other:?}");
            std::process::exit(2);
        }
    };
    let status: Value = serde_json::from_str(&sdk.status().to_json()).unwrap_or_default();
    let threads = std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    println!("{}", json!({"answer": answer, "status": status, "threads": threads}));
}

/// What the host does before anything is recorded.
fn host(sdk: Sdk) {
    let variable = |name: &str| std::env::var(name).ok();
    if let Some(path) = variable("HOST_POLICY") {
        telemetry_runtime::testing::move_machine_policy(path);
    }
    let mut options = Options::new();
    if let Some(port) = variable("PROBE_PORT").and_then(|port| port.parse().ok()) {
        options = options.loopback_port(port);
    }
    if let Some(key) = variable("HOST_INSTANCE") {
        options = options.instance(PublishableKey::parse(&key).expect("the test passes a key"));
    }
    match variable("HOST_SHOWED_NOTICE").as_deref() {
        Some("1") => options = options.notice_shown(sdk.notice().hash()),
        Some(hash) => options = options.notice_shown(hash),
        None => {}
    }
    if variable("HOST_LOOPBACK").is_some() {
        options = options.loopback();
    }
    if variable("HOST_DEBUG").is_some() {
        options = options.debug(true);
    }
    if variable("HOST_DISABLES").is_some() {
        options = options.enabled(false);
    }
    sdk.configure(options);
    if variable("HOST_ALLOWS_RELEASE").is_some() {
        allow_release(&sdk);
    }
    if variable("HOST_VETOES").is_some() {
        veto_all();
    }
}

fn consent(word: &str) -> Consent {
    match word {
        "on" => Consent::On,
        "local" => Consent::Local,
        _ => Consent::Off,
    }
}

/// A veto while the events are still in memory, or on their way to the disk.
fn veto_queued(sdk: Sdk, happened: fn(u32)) -> Value {
    for number in 0..100 {
        happened(number);
    }
    veto_all();
    for number in 100..200 {
        happened(number);
    }
    let flushed = format!("{:?}", flush(LONG));
    settle(sdk);
    json!({"flushed": flushed})
}

/// The worker discards what is queued when it next looks.
fn settle(sdk: Sdk) {
    let deadline = Instant::now() + LONG;
    while sdk.status().ledger.waiting > 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A veto when the events are on disk. The test says when.
fn veto_spooled(sdk: Sdk, happened: fn(u32)) -> Value {
    for number in 0..10 {
        happened(number);
    }
    line();
    let waiting = sdk.status().ledger.waiting;
    veto_all();
    let flushed = format!("{:?}", flush(LONG));
    settle(sdk);
    json!({"waiting": waiting, "flushed": flushed})
}

/// A veto when the server has a request and does not answer. The test says when.
fn veto_in_flight(happened: fn(u32)) -> Value {
    happened(1);
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = done.send(format!("{:?}", flush(Duration::from_secs(600))));
    });
    line();
    veto_all();
    happened(2);
    let flushed = waiting.recv_timeout(LONG).unwrap_or_else(|error| error.to_string());
    json!({"flushed": flushed})
}

/// Waits for a line of the test.
fn line() {
    println!("ready");
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().lock().read_line(&mut String::new());
}

/// What a library must leave to its host.
fn globals(happened: fn(u32)) -> Value {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PANICS: AtomicU32 = AtomicU32::new(0);
    std::panic::set_hook(Box::new(|_| PANICS.store(PANICS.load(Ordering::Relaxed) + 1, Ordering::Relaxed)));
    happened(1);
    let flushed = format!("{:?}", flush(LONG));
    let panicked = std::panic::catch_unwind(|| panic!("for the hook")).is_err();
    json!({
        "flushed": flushed,
        "panicked": panicked,
        "host_hook_ran": PANICS.load(Ordering::Relaxed),
        "subscriber": tracing_core::dispatcher::has_been_set(),
        "logger": format!("{:?}", log::max_level()),
        "host_can_log": log::set_logger(&Silent).is_ok(),
    })
}

struct Silent;

impl log::Log for Silent {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &log::Record<'_>) {}

    fn flush(&self) {}
}
