#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(kind = Counter, throttle = Daily)]
pub struct Searched {
    found: bool,
}

fn main() {}
