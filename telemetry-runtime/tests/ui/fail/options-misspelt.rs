// 1 mistake, only rustc can speak: it is a method like any other
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::Options;



fn main() {
    TELEMETRY.configure(Options::new().enable(false));
}
