#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(rename_all = "camelcase")]
pub struct Opened {
    yes: bool,
}

fn main() {}
