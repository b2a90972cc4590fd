//! The SDK that the benchmarks record with: one event of ordinary size under each rule.
//!
//! Each benchmark is a program that starts itself again as the program to be measured, told by the variable
//! [`CASE`] what to do, in a state folder of its own and against a loopback server.

pub mod counting;
mod events;
pub mod record;
pub mod server;
mod wide;

pub use events::{Accepted, Component, Throttled};
use telemetry_runtime::{Options, Sdk, sdk, telemetry_event};

/// The variable that tells a started program its case.
pub const CASE: &str = "TELEMETRY_BENCH_CASE";

/// The variable that tells a started program the port of the server.
pub const PORT: &str = "TELEMETRY_BENCH_PORT";

/// The measured SDK.
pub static TELEMETRY: Sdk = sdk! {
    name: "bench",
    role: Application,
    exit: Later,
    default: On,
    env: "BENCH",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://bench.example/telemetry",
    operator: "Bench Inc.",
    contact: "privacy@bench.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The same SDK with the strict format, whose events have no id and no time.
pub static STRICT: Sdk = sdk! {
    name: "bench-strict",
    role: Library,
    default: On,
    env: "BENCH_STRICT",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: true },
    docs: "https://bench.example/telemetry",
    operator: "Bench Inc.",
    contact: "privacy@bench.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The same event, for the strict format.
#[telemetry_event(sdk = STRICT, throttle = None)]
pub struct AcceptedStrict {
    /// Which component.
    pub component: Component,
    /// Whether a prop was passed.
    pub appearance: bool,
    /// How many rules a theme overrides.
    #[telemetry(range = 0..=65535)]
    pub overrides: u16,
}

/// An event that is another one each time.
#[telemetry_event]
pub struct Distinct {
    /// Which one.
    #[telemetry(range = 0..=1_000_000)]
    pub number: u32,
}

/// Points the SDK at the benchmark's server.
pub fn use_loopback() {
    let port = std::env::var(PORT).ok().and_then(|port| port.parse().ok()).expect("the benchmark sets the port");
    for sdk in [TELEMETRY, STRICT] {
        sdk.configure(Options::new().loopback().loopback_port(port));
    }
}
