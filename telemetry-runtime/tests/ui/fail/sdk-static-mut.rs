// 2 messages, only rustc can speak: `sdk!` does not see what stands before it, and reading a `static mut` is forbidden twice
use telemetry_runtime::{Sdk, sdk, telemetry_event};

pub static mut TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Opened.
#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {}
