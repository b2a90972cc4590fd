#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub enum Theme<T> {
    Named(T),
}

fn main() {}
