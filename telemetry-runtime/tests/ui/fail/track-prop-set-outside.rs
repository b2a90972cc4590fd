#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { SIZE: width }

#[track_mount(..SIZE)]
pub fn counter(width: bool) {
    let _ = width;
}

fn main() {}
