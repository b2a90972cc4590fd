//! A library with telemetry.

use telemetry_runtime::{Sdk, sdk, track_mount};

/// Usage of the Acme components.
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
};

/// Renders a panel.
#[track_mount(component = "Panel", props(title))]
pub fn panel(title: Option<&str>) -> usize {
    title.map_or(0, str::len)
}
