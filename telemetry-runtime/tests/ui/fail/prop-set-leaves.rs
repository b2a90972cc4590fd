#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { SIZE: wide = wide? }

#[track_mount(props(..SIZE))]
pub fn counter(wide: Option<bool>) -> Option<u8> {
    let _ = wide;
    None
}

fn main() {}
