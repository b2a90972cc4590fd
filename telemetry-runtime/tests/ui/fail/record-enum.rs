#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

pub enum Dialog {
    Settings,
}

fn main() {
    record!(Dialog::Settings);
}
