#![deny(warnings)]
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_mount;

#[track_mount(props(label, wide = width > 80), onmount = once)]
pub fn counter(label: Option<u8>, width: u32) {}

fn main() {}
