#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(throttle = "12 hours")]
pub struct Opened {
    yes: bool,
}

fn main() {}
