#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(session =))]
pub fn get_auth(session: bool) {
    let _ = session;
}

fn main() {}
