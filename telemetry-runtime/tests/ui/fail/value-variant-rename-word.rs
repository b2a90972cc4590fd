#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme {
    #[telemetry(rename = dark)]
    Dark,
}

fn main() {}
