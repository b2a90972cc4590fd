#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

pub struct Closed {
    yes: bool,
}

fn main() {
    record!(Opened { yes: true });
    record!(Closed { yes: true });
}
