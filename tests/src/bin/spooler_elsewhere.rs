//! The next version of the program `spooler`, whose vendor has changed: the same SDK, another endpoint, another operator.
//! `record <run> <count>` records, `deliver` delivers. `PROBE_PORT` is the port of the new operator's server.

use std::time::Duration;

use telemetry_runtime::{Options, Sdk, flush, record, sdk, telemetry_event};

/// The telemetry of the same SDK.
pub static TELEMETRY: Sdk = sdk! {
    name: "spooler",
    role: Library,
    default: On,
    env: "SPOOLER",
    endpoint: "http://127.0.0.1:4319",
    wire: EventBatch { strict: false },
    docs: "https://spooler.example/telemetry",
    operator: "Somebody Else Inc.",
    contact: "privacy@spooler.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// An event of a run, by its number.
#[telemetry_event(throttle = None)]
pub struct Numbered {
    /// The run, as the test counts them.
    #[telemetry(range = 0..=1_000_000)]
    run: u32,
    /// Its number in the run.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("PROBE_PORT is a port");
    TELEMETRY.configure(Options::new().loopback_port(port).loopback());
    if arguments.first().is_some_and(|action| action == "record") {
        let run = number(1);
        for number in 0..number(2) {
            record!(Numbered { run, number });
        }
    }
    let _ = flush(Duration::from_secs(20));
    println!("{}", TELEMETRY.status().to_json());
}
