#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(kind = Counter)]
pub struct Searched {
    found: bool,
    #[telemetry(range = 0..=9)]
    count: u8,
}

fn main() {}
