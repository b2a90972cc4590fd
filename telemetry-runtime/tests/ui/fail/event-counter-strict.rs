// An event without an id cannot be told from its repeat.
use telemetry_runtime::{Sdk, sdk, telemetry_event};

/// An SDK that sends events without ids.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: true },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A search was made.
#[telemetry_event(kind = Counter)]
pub struct Searched {
    /// Whether it found something.
    found: bool,
}

fn main() {}
