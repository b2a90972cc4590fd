#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(method = "get_auth")]
pub fn get_auth() {}

fn main() {}
