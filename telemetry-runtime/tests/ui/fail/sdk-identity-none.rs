use telemetry_runtime::{Sdk, sdk};

pub static TELEMETRY: Sdk = sdk! {
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
    identity: Rotating(0),
};

fn main() {}
