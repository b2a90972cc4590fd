#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(throttle = "1 day")]
pub struct Opened {
    yes: bool,
}

fn main() {}
