//! What the attributes, derives and macros are in code that is not as simple as the examples: written by macros, beside names
//! that mean something else.

mod conditions;
mod docs;
mod fragments;
mod mounts;
mod packages;
mod polls;
mod shadows;
mod types;
mod words;

/// The SDK of the events in these files.
pub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! {
    name: "macros",
    role: Library,
    default: On,
    env: "MACROS",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The payloads of what `code` records.
fn payloads(code: impl FnOnce()) -> Vec<String> {
    let recorded = telemetry_runtime::testing::capture(code);
    recorded.events().iter().map(|event| event.payload().to_owned()).collect()
}
