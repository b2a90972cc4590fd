// 1 mistake, only rustc can speak: the attribute is another crate's
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[serde(rename = "key")]
    yes: bool,
}

fn main() {}
