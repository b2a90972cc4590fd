#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub struct Opened {
    #[telemetry(packages = "vite")]
    value: telemetry_runtime::Packages,
}

fn main() {}
