#![deny(unused_variables)]

#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(type))]
pub fn input(r#type: Option<u8>) {}

fn main() {}
