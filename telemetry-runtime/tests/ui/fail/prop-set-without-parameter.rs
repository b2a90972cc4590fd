// 1 mistake, only rustc can speak: the set names what the function does not have
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { APPEARANCE: appearance }

#[track_mount(props(..APPEARANCE))]
pub fn sign_in(open: bool) {
    let _ = open;
}

fn main() {}
