#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(range = 0..=9)]
    value: telemetry_runtime::List<u8, 4>,
}

fn main() {}
