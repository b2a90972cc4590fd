// 3 messages: rustc alone knows that names are not imported, of the attribute and of the one inside it, and `record!` sees a type only
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
