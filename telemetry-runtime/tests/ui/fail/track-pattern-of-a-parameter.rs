// 3 messages: rustc speaks of the pattern twice, and of the prop, because it alone knows what the pattern binds
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::track_call;

#[track_call(props(name))]
pub fn get_auth(Some(name) | None::<String>: Option<String>) {}

fn main() {}
