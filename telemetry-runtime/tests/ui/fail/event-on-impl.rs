#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

pub struct Opened {}

#[telemetry_event]
impl Opened {}

fn main() {}
