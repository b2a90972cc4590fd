#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(method = "sign_in")]
pub fn get_auth(session: bool) {
    let _ = session;
}

fn main() {}
