//! A program that uses what a host may ask of the running pipeline. The first argument says what it does.

use std::time::Duration;

use telemetry_runtime::{Options, Sdk, flush, record, sdk, shutdown, telemetry_event};

/// The telemetry under control.
pub static TELEMETRY: Sdk = sdk! {
    name: "control",
    role: Library,
    default: On,
    env: "CONTROL",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://control.example/telemetry",
    operator: "Control Inc.",
    contact: "privacy@control.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Something happened.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Its number.
    #[telemetry(range = 0..=9)]
    number: u8,
}

fn main() {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("the test sets the port");
    let options = Options::new().loopback().loopback_port(port);
    TELEMETRY.configure(options.clone());
    record!(Happened { number: 1 });
    match std::env::args().nth(1).as_deref() {
        Some("shutdown") => {
            println!("{:?}", shutdown(Duration::from_secs(20)));
            TELEMETRY.configure(options.enabled(true));
            record!(Happened { number: 2 });
            println!("{:?}", flush(Duration::from_secs(20)));
            println!("{}", TELEMETRY.status().ledger.offered);
        }
        Some("flush-twice") => {
            for _ in 0..2 {
                println!("{:?}", flush(Duration::from_secs(20)));
            }
        }
        other => panic!("no such action: {other:?}"),
    }
}
