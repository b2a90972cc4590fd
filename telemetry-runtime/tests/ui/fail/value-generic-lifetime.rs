#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub struct Theme<'a> {
    name: &'a str,
}

fn main() {}
