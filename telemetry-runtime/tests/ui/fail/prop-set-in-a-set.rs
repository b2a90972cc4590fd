#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::prop_set;

prop_set! { SIZE: large }
prop_set! { APPEARANCE: appearance, ..SIZE }

fn main() {}
