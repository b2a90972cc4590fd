#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(name = "method called")]
pub fn get_auth() {}

fn main() {}
