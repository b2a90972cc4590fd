#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(colour))]
pub fn counter() {}

fn main() {}
