use telemetry_runtime::{Sdk, sdk};

pub static TELEMETRY: Sdk = sdk! {
    name: "Acme UI",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "http://acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    retention: "90 days",
    shared_with: "nobody",
    flavour: "vanilla",
    notice: None,
    sample: 2.0,
};

fn main() {}

// 6 mistakes
