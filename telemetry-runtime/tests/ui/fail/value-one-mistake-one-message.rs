#[path = "../acme.rs"]
mod acme;
pub use acme::TELEMETRY;
use telemetry_runtime::{TelemetryValue, record, telemetry_event};

#[derive(TelemetryValue)]
pub enum Theme {
    Named(String),
}

#[telemetry_event]
pub struct Themed {
    theme: Theme,
}

fn main() {
    record!(Themed { theme: Theme::Named(String::new()) });
}
