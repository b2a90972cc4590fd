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

use telemetry_runtime::{TelemetryValue, TrackCommand};

#[derive(TelemetryValue)]
enum Failure {
    Network,
}

#[derive(TrackCommand)]
#[telemetry(event(outcome = Failure))]
enum Acme {
    Build,
}

fn main() {
    // How did it end?
    Acme::Build.track();
}
