#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(session other))]
pub fn get_auth(session: bool, other: bool) {
    let _ = (session, other);
}

fn main() {}
