#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{Options, wrapper};



fn main() {
    let _ = Options::new().wrapper(wrapper!("acme next"));
}
