// 3 messages: rustc speaks of each name that is not imported, and the struct is no event then
#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::record;

#[telemetry_event]
pub struct Opened {
    #[telemetry(range = 0..=9)]
    size: u8,
}

fn main() {
    record!(Opened { size: 1 });
}
