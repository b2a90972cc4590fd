#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(colour))]
pub fn counter(label: Option<u8>, wide: bool) {
    let _ = (label, wide);
}

fn main() {}
