#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
#[telemetry(name = "theme")]
pub enum Theme {
    Dark,
}

fn main() {}
