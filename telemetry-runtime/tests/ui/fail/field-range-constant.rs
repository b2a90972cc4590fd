#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

const MAX: u8 = 9;

#[telemetry_event]
pub struct Opened {
    #[telemetry(range = 0..=MAX)]
    value: u8,
}

fn main() {}
