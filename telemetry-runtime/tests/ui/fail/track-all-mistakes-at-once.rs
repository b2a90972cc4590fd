#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(flavour = "vanilla", sample = 2, props(method))]
pub const fn get_auth(method: bool) {
    let _ = method;
}

fn main() {}

// 4 mistakes
