//! A product whose events carry an id of the installation. `PROBE_PORT` is the port of the test's server, `PROBE_DAYS` how many days
//! later it is for the program, and `PROBE_PLACE` lets it look at where it runs, as it does for users.

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use telemetry_runtime::{
    Consent, Options, Sdk, cli::Telemetry, flush, record, sdk, telemetry_event, testing::Clock, track_call, track_mount,
};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ids",
    role: Library,
    default: On,
    env: "ACME",
    command: "acme telemetry",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    active: Daily,
    identity: Rotating(30),
    environments: [Ci],
};

/// Something happened; every time.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Whether it went well.
    well: bool,
}

/// Looks something up.
#[track_call(kind = Counter, props(fast))]
fn look_up(fast: bool) {
    let _ = fast;
}

/// Shows a row.
#[track_mount(kind = Counter, on_mount = at_once)]
fn row() {}

fn at_once(mount: impl FnOnce() + 'static) {
    mount();
}

/// Acme, for tests.
#[derive(Parser)]
#[command(name = "acme")]
enum Acme {
    /// Records an event and sends what waits
    Work,
    /// Works and counts, erases everything here, says yes again, and goes on
    Anew,
    /// Looks up so often, fast and else, and shows as many rows
    Look {
        /// How often
        times: u32,
    },
    /// What is collected, and your say in it
    Telemetry(Telemetry),
}

fn work() {
    record!(Happened { well: true });
    println!("{:?}", flush(Duration::from_secs(20)));
}

fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let port = variable("PROBE_PORT").and_then(|port| port.parse().ok()).unwrap_or(4318);
    let options = Options::new().loopback_port(port);
    TELEMETRY.configure(if variable("PROBE_PLACE").is_none() { options.loopback() } else { options });
    if let Some(days) = variable("PROBE_DAYS").and_then(|days| days.parse::<u64>().ok()) {
        Clock::advance(Duration::from_secs(days * 24 * 60 * 60));
    }
    match Acme::parse() {
        Acme::Work => {
            work();
            ExitCode::SUCCESS
        }
        Acme::Anew => {
            work();
            look_up(true);
            TELEMETRY.erase(false).expect("the folder is ours");
            TELEMETRY.set_consent(Consent::On).expect("the folder can be made");
            work();
            look_up(true);
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            ExitCode::SUCCESS
        }
        Acme::Look { times } => {
            (0..times).for_each(|number| {
                look_up(number % 4 == 0);
                row();
            });
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            ExitCode::SUCCESS
        }
        Acme::Telemetry(command) => command.run(&TELEMETRY),
    }
}
