#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(label; width))]
pub fn counter(label: bool, width: bool) {
    let _ = (label, width);
}

fn main() {}
