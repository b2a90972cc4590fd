#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{prop_set, track_mount};

prop_set! { pub SHARED: class }

#[track_mount(props(open, ..SHARED))]
pub fn sign_in(open: bool, class: Option<u8>) {
    let _ = (open, class);
}

fn main() {}
