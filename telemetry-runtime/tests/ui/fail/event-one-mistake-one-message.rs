#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{Event as _, record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    count: u32,
}

fn main() {
    record!(Opened { count: 1 });
    Opened { count: 1 }.record();
}
