#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(range = 0..=9_007_199_254_740_992)]
    value: u64,
}

fn main() {}
