// 3 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
#[telemetry(renameall = "camelCase")]
pub struct Theme {
    name: String,
    #[telemetry(range = 9..=0)]
    size: u8,
}

fn main() {}
