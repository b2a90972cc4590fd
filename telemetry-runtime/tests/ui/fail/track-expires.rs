#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(expires = "2027-13-01")]
pub fn get_auth() {}

fn main() {}
