//! A host beside version 2 of a component library.

use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

/// Usage of the components.
pub static TELEMETRY: Sdk = sdk! {
    name: "life-page",
    role: Library,
    default: On,
    env: "LIFE",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://life.example/telemetry",
    operator: "Life Inc.",
    contact: "privacy@life.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A page was opened.
#[telemetry_event(throttle = None)]
struct PageOpened {
    /// Its number over all runs.
    #[telemetry(range = 0..=1_000_000)]
    number: u32,
    /// Whether it was opened in a tab.
    tab: bool,
}

fn opened(number: u32) {
    record!(PageOpened { number, tab: true });
}

fn main() {
    ordinary_life::page(&TELEMETRY, opened);
}
