#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

pub mod telemetry {
    pub static OTHER: u8 = 1;
}

#[telemetry_event(sdk = crate::telemetry::OTHER)]
pub struct Opened {
    yes: bool,
}

fn main() {}
