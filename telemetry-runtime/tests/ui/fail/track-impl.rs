#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

pub struct Client {}

#[track_call]
impl Client {}

fn main() {}
