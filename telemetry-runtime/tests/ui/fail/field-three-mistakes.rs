// 3 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    name: String,
    size: usize,
    #[telemetry(ragne = 0..=9)]
    width: u8,
}

fn main() {}
