//! A later version of `golden_agreed_one`: it records one event more. Prints its status.

use std::time::Duration;

use telemetry_runtime::{Options, Sdk, allow_release, flush, record, sdk, telemetry_event};

/// The same SDK in both programs.
pub static TELEMETRY: Sdk = sdk! {
    name: "gate-agreed",
    role: Library,
    default: On,
    env: "GATE",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://gate.example/telemetry",
    operator: "Gate Inc.",
    contact: "privacy@gate.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// What both programs record.
#[telemetry_event(throttle = None)]
pub struct Known {
    /// Whether it is new.
    new: bool,
}

/// What only the later program records.
#[telemetry_event(throttle = None)]
pub struct Added {
    /// Whether it is new.
    new: bool,
}

fn main() {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or_default();
    TELEMETRY.configure(Options::new().loopback_port(port));
    allow_release(&TELEMETRY);
    record!(Known { new: false });
    record!(Added { new: true });
    let _ = flush(Duration::from_secs(20));
    // A host with a dialog of its own sees that something waits, and shows it while the program runs.
    if std::env::var_os("HOST_SHOWS_NOTICE_LATE").is_some() {
        TELEMETRY.configure(Options::new().notice_shown(TELEMETRY.notice().hash()));
        record!(Added { new: true });
        let _ = flush(Duration::from_secs(20));
    }
    println!("{}", TELEMETRY.status().to_json().replace('\n', ""));
}
