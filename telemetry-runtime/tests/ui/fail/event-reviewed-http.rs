#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(reviewed = "http://acme.example/reviews/1")]
pub struct Opened {
    yes: bool,
}

fn main() {}
