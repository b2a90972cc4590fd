#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

pub static OTHER: &str = "acme";

#[telemetry_event(sdk = crate::OTHER)]
pub struct Opened {
    yes: bool,
}

fn main() {}
