// 2 messages, only rustc can speak: what the `Option` holds is asked for, and the `Option` itself is written
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    value: Option<Theme>,
}

pub enum Theme {
    Light,
}

fn main() {}
