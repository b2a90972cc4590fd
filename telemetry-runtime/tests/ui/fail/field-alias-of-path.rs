#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

type Project = std::path::PathBuf;

#[telemetry_event]
pub struct Opened {
    value: Project,
}

fn main() {}
