#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(long = session.len()))]
pub fn get_auth(session: &str) {
    let _ = session;
}

fn main() {}
