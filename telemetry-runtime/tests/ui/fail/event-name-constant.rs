#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

const NAME: &str = "opened";

#[telemetry_event(name = crate::NAME)]
pub struct Opened {
    yes: bool,
}

fn main() {}
