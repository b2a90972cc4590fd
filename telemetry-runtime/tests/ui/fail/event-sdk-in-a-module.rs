use telemetry_runtime::telemetry_event;

#[path = "../acme.rs"]
mod acme;

mod telemetry {
    pub use crate::acme::TELEMETRY;
}

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {
    let _ = telemetry::TELEMETRY;
}
