// 1 mistake, only rustc can speak: the value is the author's own
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{record, telemetry_event};

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

#[telemetry_event]
pub struct Listed {
    values: telemetry_runtime::List<bool, 4>,
}

fn main() {
    record!(Listed { values: vec![true] });
}
