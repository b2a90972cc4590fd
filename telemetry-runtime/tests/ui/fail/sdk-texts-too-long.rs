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
    retention: "We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together. We keep what arrives for a while and look at it together.",
    shared_with: "nobody",
};

fn main() {}
