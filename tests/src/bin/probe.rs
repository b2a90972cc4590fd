//! The program that end-to-end tests run. The first argument says what it does; every action is one of the situations a
//! test asks about. Environment: `PROBE_PORT` is the port of the test's server; `PROBE_STRICT_GATE=1` leaves the
//! development and environment layers and the notice in force; `PROBE_NOTICE_SHOWN=1` says that the host has shown the
//! notice.

#[path = "probe/endings.rs"]
mod endings;
#[cfg(target_os = "linux")]
#[path = "probe/forks.rs"]
mod forks;
#[cfg(target_os = "linux")]
#[path = "probe/host.rs"]
mod host;
#[path = "probe/limits.rs"]
mod limits;
#[cfg(target_os = "linux")]
#[path = "probe/plugins.rs"]
mod plugins;
#[path = "probe/runtimes.rs"]
mod runtimes;
#[cfg(target_os = "linux")]
#[path = "probe/sandboxes.rs"]
mod sandboxes;
#[cfg(target_os = "linux")]
#[path = "probe/signals.rs"]
mod signals;

use std::time::Duration;

use telemetry_runtime::{
    Options, Sdk, TelemetryValue, allow_release, flush, record, sdk, telemetry_event, track_call, track_mount,
};

/// The probe's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "probe",
    role: Library,
    default: On,
    env: "PROBE",
    env_aliases: ["PROBE_NO_TELEMETRY"],
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://probe.example/telemetry",
    operator: "Probe Inc.",
    contact: "privacy@probe.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Which page.
#[derive(TelemetryValue)]
pub enum Page {
    /// The first.
    Home,
    /// The second.
    Settings,
}

/// A page was opened; once a day.
#[telemetry_event]
pub struct PageOpened {
    /// Which one.
    page: Page,
}

/// Something happened; every time.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Its number in this run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// Something large happened; every time. A hundred of them need as much of the queue as 3,400 small ones.
#[telemetry_event(throttle = None)]
pub struct Filled {
    /// Its number in this run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
    /// Zeros.
    #[telemetry(unbounded, reason = "they take as many bytes as any number")]
    filler: [u64; 100],
}

/// A command succeeded.
#[telemetry_event(kind = Command)]
pub struct CommandRun {
    /// Its number over all runs, given by the test.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

/// A component was rendered.
#[track_mount(component = "Panel", props(title))]
fn panel(title: Option<&str>) {}

/// A method was called.
#[track_call]
fn get_session() {}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    let number = |index: usize| argument(index).parse::<u32>().unwrap_or_default();
    configure();
    match argument(0) {
        // Nothing at all.
        "nothing" => {}
        // One of everything, then the end of the program.
        "record" => record_all(),
        // One of everything, delivered.
        "flush" => {
            record_all();
            println!("{:?}", flush(Duration::from_secs(20)));
        }
        // Delivers what earlier runs left.
        "deliver" => println!("{:?}", flush(Duration::from_secs(20))),
        // One command with this number, then the end of the program.
        "command" => record!(CommandRun { number: number(1) }),
        // So many numbered events, delivered.
        "count" => {
            for number in 0..number(1) {
                record!(Happened { number });
            }
            println!("{:?}", flush(Duration::from_secs(20)));
        }
        // The gate's decision.
        "status" => println!("{}", TELEMETRY.status().to_json()),
        // One of everything, then the gate's decision.
        "record-status" => {
            record_all();
            let _ = flush(Duration::from_secs(20));
            println!("{}", TELEMETRY.status().to_json());
        }
        action => {
            let known = endings::run(action, &arguments)
                || limits::run(action, &arguments)
                || runtimes::run(action, &arguments)
                || run_on_linux(action, &arguments);
            if !known {
                eprintln!("probe: no such action: {action:?}");
                std::process::exit(2);
            }
        }
    }
}

/// What is asked of one system only.
fn run_on_linux(action: &str, arguments: &[String]) -> bool {
    #[cfg(target_os = "linux")]
    return forks::run(action, arguments)
        || host::run(action, arguments)
        || plugins::run(action, arguments)
        || sandboxes::run(action, arguments)
        || signals::run(action);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (action, arguments);
        false
    }
}

/// Points the SDK at the test's server, unless the test wants the gate as it is.
fn configure() {
    if std::env::var_os("PROBE_ALLOW_RELEASE").is_some() {
        allow_release(&TELEMETRY);
    }
    let Some(port) = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) else { return };
    let mut options = Options::new().loopback_port(port);
    if std::env::var_os("PROBE_NOTICE_SHOWN").is_some() {
        options = options.notice_shown(TELEMETRY.notice().hash());
    }
    if std::env::var_os("PROBE_STRICT_GATE").is_some() {
        TELEMETRY.configure(options);
    } else {
        TELEMETRY.configure(options.loopback());
    }
}

fn record_all() {
    panel(Some("secret title"));
    get_session();
    record!(PageOpened { page: Page::Home });
    record!(PageOpened { page: Page::Home });
    record!(PageOpened { page: Page::Settings });
    record!(Happened { number: 1 });
}
