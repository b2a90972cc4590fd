#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(range = 0..=9)]
pub struct Opened {
    size: bool,
}

fn main() {}
