#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

pub struct Size {
    wide: bool,
}

#[telemetry_event]
pub struct Opened {
    value: Size,
}

fn main() {}
