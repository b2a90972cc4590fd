#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

pub struct Inner {
    yes: bool,
}

#[derive(TelemetryValue)]
pub struct Theme {
    inner: Inner,
}

fn main() {}
