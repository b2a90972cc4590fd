#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(method))]
pub fn get_auth(method: bool) {
    let _ = method;
}

fn main() {}
