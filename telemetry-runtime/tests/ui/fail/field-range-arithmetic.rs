#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(range = 0..=4 + 5)]
    value: u8,
}

fn main() {}
