#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::prop_set;

prop_set! { APPEARANCE: "theme", wide = , other }

fn main() {}

// 2 mistakes
