// 3 mistakes
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(mount = once, present = is_given, rename = "camelCase")]
pub fn counter() {}

fn main() {}
