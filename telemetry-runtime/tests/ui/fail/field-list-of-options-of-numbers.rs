#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    value: telemetry_runtime::List<Option<u64>, 4>,
}

fn main() {}
