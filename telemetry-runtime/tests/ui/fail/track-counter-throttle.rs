#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(kind = Counter, throttle = None)]
pub fn get_auth() {}

fn main() {}
