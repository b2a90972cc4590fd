#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(on_mount = once)]
pub fn get_auth() {}

fn once(mount: impl FnOnce()) {
    mount();
}

fn main() {}
