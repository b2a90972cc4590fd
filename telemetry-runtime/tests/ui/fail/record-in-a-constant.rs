// 1 mistake, only rustc can speak: no macro knows that it stands in a constant
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {
    const OPENED: () = record!(Opened { yes: true });
    OPENED
}
