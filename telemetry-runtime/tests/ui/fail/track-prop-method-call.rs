#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(session.is_some()))]
pub fn get_auth(session: Option<u8>) {
    let _ = session;
}

fn main() {}
