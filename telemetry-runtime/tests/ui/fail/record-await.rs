#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

async fn read() -> bool {
    true
}

async fn open() {
    record!(Opened { yes: read().await });
}

fn main() {}
