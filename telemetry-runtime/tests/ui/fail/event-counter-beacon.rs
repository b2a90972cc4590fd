// A beacon has room for one event of a run.
use telemetry_runtime::{Sdk, sdk, telemetry_event};

/// An SDK that sends one event of each run.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: Beacon,
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
