#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { APPEARANCE: theme }

#[track_mount(props(APPEARANCE))]
pub fn counter(theme: Option<u8>) {
    let _ = theme;
}

fn main() {}
