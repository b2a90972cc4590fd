// 1 mistake
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event]
pub enum Opened<T> {
    Dialog(T),
}

fn main() {}
