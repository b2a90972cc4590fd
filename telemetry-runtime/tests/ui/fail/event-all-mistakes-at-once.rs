#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::telemetry_event;

#[telemetry_event(flavour = "vanilla", sample = 7, expires = "soon", name = "dialog opened")]
pub struct Opened {
    count: u32,
    #[telemetry(colour = "red", range = 0.5..=1)]
    size: u8,
    text: String,
    #[telemetry(rename = "text")]
    yes: bool,
}

fn main() {}

// 9 mistakes
