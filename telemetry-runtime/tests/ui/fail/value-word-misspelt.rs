#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
#[telemetry(renameall = "camelCase")]
pub enum Theme {
    Dark,
}

fn main() {}
