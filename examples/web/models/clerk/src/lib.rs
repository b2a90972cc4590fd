//! Events of Clerk's components, each as an object that Clerk's server knows byte for byte.

use telemetry_runtime::{Options, Sdk, Wrapper, instance::PublishableKey, record, sdk, telemetry_event};
use wasm_bindgen::prelude::wasm_bindgen;

/// Usage of the Clerk components, to 127.0.0.1.
pub static TELEMETRY: Sdk = sdk! {
    name: "clerk-core",
    role: Library,
    default: On,
    env: "CLERK",
    endpoint: "http://127.0.0.1:4817",
    wire: EventBatch { strict: true },
    docs: "https://clerk.com/docs/telemetry",
    operator: "Clerk",
    contact: "support@clerk.com",
    region: "US",
    retention: "unknown",
    shared_with: "unknown",
    event_case: "SCREAMING_SNAKE_CASE",
    instance: Required,
    browser: true,
};

/// One of a row of events that differ in a number.
#[telemetry_event(name = "CUSTOM")]
struct Custom {
    #[telemetry(range = 0..=1_000_000)]
    n: u32,
}

/// What a host says of itself; `false` where the key is none.
#[wasm_bindgen]
pub fn configure(key: &str) -> bool {
    let Ok(key) = PublishableKey::parse(key) else { return false };
    TELEMETRY.configure(Options::new().instance(key).wrapper(Wrapper::new("@clerk/nextjs", "6.35.0")));
    true
}

/// Records one of the row.
#[wasm_bindgen]
pub fn custom(n: u32) {
    record!(Custom { n });
}

/// `telemetry={false}`
#[wasm_bindgen]
pub fn disable() {
    TELEMETRY.configure(Options::new().enabled(false));
}

/// Hands what was recorded to the browser now.
#[wasm_bindgen]
pub fn hand_over() {
    let _ = telemetry_runtime::flush(std::time::Duration::ZERO);
}

/// What the gate decided and why.
#[wasm_bindgen]
pub fn telemetry_status() -> String {
    TELEMETRY.status().to_json()
}
