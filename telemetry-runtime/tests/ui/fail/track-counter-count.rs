#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(kind = Counter, props(count))]
pub fn get_auth(count: bool) {
    let _ = count;
}

fn main() {}
