// 1 mistake, only rustc can speak: the value is the author's own
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::Options;



fn main() {
    TELEMETRY.configure(Options::new().sampling_rate(1));
}
