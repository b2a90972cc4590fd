#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

pub enum Theme {
    Named(String),
}

#[telemetry_event]
pub struct Opened {
    value: Theme,
}

fn main() {}
