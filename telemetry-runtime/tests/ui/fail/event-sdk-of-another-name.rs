#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY as SDK;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {}
