//! Two SDKs of one name that send to different places, as two major versions in one program would.
//!
//! `same_names [off|end|end-one]`: records one event of each, or stores `off` through the first, and flushes; prints the status
//! of both. `end` records a command of each and leaves the rest to the end of the program; with `end-one` the host has turned
//! the second one off.

use std::time::Duration;

use telemetry_runtime::{Consent, Options, Sdk, allow_release, exit_guard, flush, record, sdk, telemetry_event};

/// The first one.
pub static TELEMETRY: Sdk = sdk! {
    name: "gate-twice",
    role: Library,
    default: On,
    env: "GATE",
    endpoint: "http://127.0.0.1:4318/old",
    wire: EventBatch { strict: false },
    docs: "https://gate.example/telemetry",
    operator: "Gate Inc.",
    contact: "privacy@gate.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    exit: Detached,
};

/// What the first one records.
#[telemetry_event(throttle = None, kind = Command)]
pub struct Opened {
    /// Whether it is new.
    new: bool,
}

/// As in another major version of the crate.
mod later {
    use telemetry_runtime::{Sdk, sdk, telemetry_event};

    /// The second one.
    pub static TELEMETRY: Sdk = sdk! {
        name: "gate-twice",
        role: Library,
        default: On,
        env: "GATE",
        endpoint: "http://127.0.0.1:4318/new",
        wire: EventBatch { strict: false },
        docs: "https://gate.example/telemetry",
        operator: "New Owner Inc.",
        contact: "privacy@new.example",
        region: "US",
        retention: "9 years",
        shared_with: "everybody",
        exit: Detached,
    };

    /// What the second one records.
    #[telemetry_event(sdk = crate::later::TELEMETRY, throttle = None, kind = Command)]
    pub struct Closed {
        /// Whether it is new.
        pub new: bool,
    }
}

fn main() {
    let _telemetry = exit_guard();
    let action = std::env::args().nth(1).unwrap_or_default();
    let port = |name: &str| std::env::var(name).ok().and_then(|port| port.parse().ok()).unwrap_or_default();
    for (sdk, variable) in [(TELEMETRY, "PROBE_PORT"), (later::TELEMETRY, "OTHER_PORT")] {
        sdk.configure(Options::new().loopback_port(port(variable)));
        allow_release(&sdk);
    }
    if action == "end-one" {
        later::TELEMETRY.configure(Options::new().enabled(false));
    }
    if action == "off" {
        let _ = TELEMETRY.set_consent(Consent::Off);
    }
    record!(Opened { new: false });
    record!(later::Closed { new: true });
    if !action.starts_with("end") {
        let _ = flush(Duration::from_secs(20));
    }
    let status = |sdk: Sdk| sdk.status().to_json().replace('\n', "");
    println!("[{},{}]", status(TELEMETRY), status(later::TELEMETRY));
}
