#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(open, ..))]
pub fn sign_in(open: bool) {
    let _ = open;
}

fn main() {}
