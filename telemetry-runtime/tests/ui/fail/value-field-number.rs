#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub struct Theme {
    size: u16,
}

fn main() {}
