// 1 mistake, only rustc can speak: what the function takes is its own
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(on_mount = once)]
pub fn sign_in() {}

fn once() {}

fn main() {}
