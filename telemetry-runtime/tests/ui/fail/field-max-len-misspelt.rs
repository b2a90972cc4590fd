#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(free_text, maxlen = 64, reason = "names of plugins are open")]
    value: String,
}

fn main() {}
