// 1 mistake, only rustc can speak: the struct is the author's own
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {
    record!(Opened { yes: "yes" });
}
