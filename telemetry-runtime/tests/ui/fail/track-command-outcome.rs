use telemetry_runtime::{Sdk, sdk};

pub static TELEMETRY: Sdk = sdk! {
    name: "acme-cli",
    role: Application,
    exit: Detached,
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

use telemetry_runtime::TrackCommand;

#[derive(TrackCommand)]
#[telemetry(event(outcome = std::io::Error))]
enum Acme {
    Build,
}

fn main() {}
