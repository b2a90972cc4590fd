#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call]
pub fn get_auth() -> u8 {
    let number: u8 = "text";
    number
}

fn main() {}

// 1 mistake, only rustc can speak: the body is the author's own
