#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

type Text = String;

#[telemetry_event]
pub struct Opened {
    value: Text,
}

fn main() {}
