#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(expires = "30.06.2027")]
pub struct Opened {
    yes: bool,
}

fn main() {}
