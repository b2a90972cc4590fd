#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{track_call, track_mount};

#[track_mount]
#[track_call]
pub fn sign_in() {}

fn main() {}
