// 1 mistake, only rustc can speak: a derive stands on a struct, an enum or a union
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::TelemetryValue;

#[derive(TelemetryValue)]
pub fn theme() {}

fn main() {}
