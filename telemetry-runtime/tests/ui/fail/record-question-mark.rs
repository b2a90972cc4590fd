#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn read() -> Option<bool> {
    None
}

fn open() -> Option<()> {
    record!(Opened { yes: read()? });
    None
}

fn main() {}
