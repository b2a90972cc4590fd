// 2 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(level = Bsic)]
pub struct Opened {
    yes: bool,
}

#[telemetry_event(level = All)]
pub struct Closed {
    yes: bool,
}

fn main() {}
