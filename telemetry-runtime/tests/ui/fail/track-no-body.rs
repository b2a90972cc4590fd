#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

pub trait Client {
    #[track_call]
    fn get_auth(&self);
}

fn main() {}
