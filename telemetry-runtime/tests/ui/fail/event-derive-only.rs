#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, TelemetryValue};

#[derive(TelemetryValue)]
pub struct Opened {
    yes: bool,
}

fn main() {
    record!(Opened { yes: true });
}
