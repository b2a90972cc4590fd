// 1 mistake, only rustc can speak: the name is the author's own import
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    yes: bool,
}

fn main() {
    record!(Opened { yes: true });
}
