// 1 mistake, only rustc can speak: a set is a macro of the author
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(..APPEARANCE))]
pub fn sign_in(appearance: bool) {
    let _ = appearance;
}

fn main() {}
