// 2 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(rename = "telemetry.rate")]
    rate: bool,
    #[telemetry(rename = "log.record.uid")]
    uid: bool,
}

fn main() {}
