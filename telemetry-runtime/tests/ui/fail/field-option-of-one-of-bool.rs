#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    value: Option<telemetry_runtime::OneOf<bool>>,
}

fn main() {}
