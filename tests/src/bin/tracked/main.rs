//! Parses command lines that it reads, one a line with its words between tabs, and reports each. `PROBE_PORT` is the port of the
//! test's server.

mod cli;

use std::{io::BufRead as _, time::Duration};

use clap::Parser as _;
use telemetry_runtime::{Options, Sdk, TrackCommand as _, exit_guard, flush, sdk};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-tracked",
    role: Library,
    default: On,
    notice: Host,
    env: "ACME",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

fn main() {
    let _guard = exit_guard();
    let options = Options::new().notice_shown(TELEMETRY.notice().hash());
    TELEMETRY.configure(match std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()) {
        Some(port) => options.loopback_port(port),
        None => options,
    });
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("the test writes text");
        match cli::Acme::try_parse_from(line.split('\t')) {
            Ok(acme) => acme.track(),
            Err(error) => println!("{line}\n{error}"),
        }
    }
    flush(Duration::from_secs(30)).expect("the server of the test answers");
}
