#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

unsafe extern "C" {
    #[track_call]
    safe fn get_auth();
}

fn main() {}
