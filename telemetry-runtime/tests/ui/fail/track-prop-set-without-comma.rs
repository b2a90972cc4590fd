#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { SIZE: width }

#[track_mount(props(label ..SIZE))]
pub fn counter(label: bool, width: bool) {
    let _ = (label, width);
}

fn main() {}
