#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(component = "Sign in")]
pub fn sign_in() {}

fn main() {}
